import { quoted } from './wording.js'

/** Only an error keeps a server from working; a warning says what was read otherwise than written, or not at all. */
export type Severity = 'error' | 'warning' | 'info'

/** What a configuration can be told, with the severity each has unless the finding says otherwise. */
export const findingCodes = {
  syntax: 'error',
  'empty-file': 'error',
  'unsupported-format': 'error',
  'not-object': 'error',
  'no-servers-key': 'error',
  'servers-not-object': 'error',
  'duplicate-server': 'error',
  'bad-name': 'error',
  'name-collision': 'error',
  'server-not-object': 'error',
  'no-transport': 'error',
  'ambiguous-transport': 'error',
  'transport-mismatch': 'error',
  'unknown-type': 'error',
  'bad-type': 'error',
  'unsupported-transport': 'error',
  'conflicting-keys': 'error',
  'bad-command': 'error',
  'bad-args': 'error',
  'bad-env': 'error',
  'bad-env-file': 'error',
  'bad-cwd': 'error',
  'bad-url': 'error',
  'bad-headers': 'error',
  'bad-timeout': 'error',
  'bad-boolean': 'error',
  'bad-tool-filter': 'error',
  'bad-oauth': 'error',
  'bad-era': 'error',
  'bad-restart': 'error',
  'bad-policy': 'error',
  'bad-gateway': 'error',
  'bad-placeholder': 'error',
  'unsupported-restriction': 'error',
  'duplicate-key': 'warning',
  'name-sanitised': 'warning',
  'name-separator': 'warning',
  'nested-servers-key': 'warning',
  'foreign-top-level': 'warning',
  'bare-map': 'warning',
  'ignored-section': 'warning',
  'ignored-key': 'warning',
  'unknown-key': 'warning',
  'nested-transport': 'warning',
  'command-array': 'warning',
  'env-array': 'warning',
  'env-null': 'warning',
  coerced: 'warning',
  whitespace: 'warning',
  'command-has-spaces': 'warning',
  'timeout-unit': 'warning',
  'timeout-limit': 'warning',
  'inferred-sse': 'warning',
  'plain-http': 'warning',
  'url-credentials': 'warning',
  'auth-conflict': 'warning',
  'plain-token': 'warning',
  'executes-command': 'warning',
  'bare-dollar': 'warning',
  'foreign-placeholder': 'warning',
  'alias-key': 'info',
  'alias-type': 'info',
  'alias-top-level': 'info',
  'overridden-key': 'info',
  'inert-key': 'info',
  'needs-input': 'info',
  'placeholder-value': 'info',
  'sse-deprecated': 'info',
  disabled: 'info',
  'no-servers': 'info',
} as const satisfies Record<string, Severity>

export type FindingCode = keyof typeof findingCodes

export type Path = readonly (string | number)[]

export interface Finding {
  readonly severity: Severity
  readonly code: FindingCode
  /** Names subject, expectation and value; never the value of an environment variable or header. */
  readonly message: string
  /** Absent when it concerns the document as a whole. */
  readonly server?: string
  /** Where it is in the document, from the root. */
  readonly path: Path
  readonly hint?: string
}

/** Reports something at a path below the subject. A text that begins with a quoted key follows the subject by a colon. */
export type Tell = (
  code: FindingCode,
  at: Path,
  text: string,
  extra?: { readonly hint?: string | undefined; readonly severity?: Severity },
) => void

/** Reports into `findings` about one server, whose entry is at `base`. */
export function tellOfServer(findings: Finding[], server: string, base: Path): Tell {
  const subject = `Server ${quoted(server)}`
  return (code, at, text, { hint, severity = findingCodes[code] } = {}) => {
    const message = `${subject}${text.startsWith('"') ? ':' : ''} ${text}`
    findings.push({ severity, code, message, server, path: [...base, ...at], ...(hint !== undefined && { hint }) })
  }
}

/** Reports into `findings` about the document. */
export function tellOfDocument(findings: Finding[]): Tell {
  return (code, path, message, { hint, severity = findingCodes[code] } = {}) => {
    findings.push({ severity, code, message, path, ...(hint !== undefined && { hint }) })
  }
}

export function firstError(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ severity }) => severity === 'error')
}

/** A problem and what to do about it, as one message. */
export function withHint({ message, hint }: Pick<Finding, 'message'> & { readonly hint?: string | undefined }): string {
  return hint ? `${message}; ${hint}` : message
}

/** A hint for a mistyped word. */
export function didYouMean(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `did you mean ${quoted(word)}?`
}
