import type { CheckedFile } from './checked-file.js'

/** The verdicts as one document for scripts. */
export function reportJson(files: readonly CheckedFile[], isOk: boolean): string {
  const report = {
    ok: isOk,
    files: files.map(({ source: { path, loaded }, servers, unreadable }) => ({
      file: path,
      verdict: loaded.verdict,
      ...(unreadable !== undefined && { error: unreadable }),
      findings: loaded.document,
      servers: servers.map(({ isDisabled, ...server }) => ({ ...server, disabled: isDisabled })),
    })),
  }
  return JSON.stringify(report, null, 2)
}
