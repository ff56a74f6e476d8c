import { markValue, markVariable } from './process-tree.js'

/** What a child may see of our environment: enough to find programs and a home, and no secret. The lists of the MCP SDK. */
const inheritedNames =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATH',
        'PROCESSOR_ARCHITECTURE',
        'PROGRAMFILES',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'USERNAME',
        'USERPROFILE',
      ]
    : ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER']

/** The whole environment of a child: the safe part of ours, then the entry's `env`, then our mark. */
export function childEnvironment(env: Readonly<Record<string, string>>, mark: string): Record<string, string> {
  const inherited = inheritedNames.flatMap((name): [string, string][] => {
    const value = process.env[name]
    // A shell function exported by bash is code.
    return value === undefined || value.startsWith('()') ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(inherited), ...env, [markVariable]: markValue(mark) }
}
