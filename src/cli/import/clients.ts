import { homedir } from 'node:os'
import { join } from 'node:path'

import type { Dialect } from './dialect.js'
import {
  claudeCode,
  cline,
  codex,
  continueDev,
  gemini,
  goose,
  inSeconds,
  librechat,
  opencode,
  standard,
} from './dialects.js'

/** Another program with servers, and how and where it writes them down. */
export interface Client {
  readonly name: string
  /** Default: told by the document. */
  readonly dialect?: Dialect
  /** Files in a project. */
  readonly near: readonly string[]
  /** Files of the user. */
  readonly own: (folders: UserFolders) => readonly string[]
}

export interface UserFolders {
  readonly home: string
  /** Where programs with windows keep their settings. */
  readonly apps: string
  /** `$XDG_CONFIG_HOME`. */
  readonly config: string
}

const nowhere = () => []
const inHome =
  (...path: readonly string[]) =>
  ({ home }: UserFolders) => [join(home, ...path)]
const inConfig =
  (...path: readonly string[]) =>
  ({ config }: UserFolders) => [join(config, ...path)]
const editors = ['Code', 'Code - Insiders', 'VSCodium']
const inEditors =
  (...path: readonly string[]) =>
  ({ apps }: UserFolders) =>
    editors.map((editor) => join(apps, editor, 'User', ...path))
const storage = (extension: string, file: string) => inEditors('globalStorage', extension, 'settings', file)

export const clients: readonly Client[] = [
  {
    name: 'claude-desktop',
    dialect: standard,
    near: [],
    own: ({ apps }) => [join(apps, 'Claude', 'claude_desktop_config.json')],
  },
  { name: 'claude-code', dialect: claudeCode, near: ['.mcp.json'], own: inHome('.claude.json') },
  { name: 'cursor', dialect: standard, near: ['.cursor/mcp.json'], own: inHome('.cursor', 'mcp.json') },
  {
    name: 'vscode',
    dialect: standard,
    near: ['.vscode/mcp.json', '.vscode/settings.json'],
    own: (folders) => [...inEditors('mcp.json')(folders), ...inEditors('settings.json')(folders)],
  },
  { name: 'windsurf', dialect: standard, near: [], own: inHome('.codeium', 'windsurf', 'mcp_config.json') },
  {
    name: 'cline',
    dialect: cline,
    near: [],
    own: storage('saoudrizwan.claude-dev', 'cline_mcp_settings.json'),
  },
  {
    name: 'roo',
    dialect: inSeconds,
    near: ['.roo/mcp.json'],
    own: storage('rooveterinaryinc.roo-cline', 'mcp_settings.json'),
  },
  {
    name: 'zed',
    dialect: inSeconds,
    near: ['.zed/settings.json'],
    own: ({ apps, config }) => [
      join(config, 'zed', 'settings.json'),
      ...(process.platform === 'win32' ? [join(apps, 'Zed', 'settings.json')] : []),
    ],
  },
  { name: 'gemini', dialect: gemini, near: ['.gemini/settings.json'], own: inHome('.gemini', 'settings.json') },
  { name: 'codex', dialect: codex, near: ['.codex/config.toml'], own: inHome('.codex', 'config.toml') },
  {
    name: 'opencode',
    dialect: opencode,
    near: ['opencode.json', 'opencode.jsonc'],
    own: (folders) => ['opencode.json', 'opencode.jsonc'].flatMap((name) => inConfig('opencode', name)(folders)),
  },
  { name: 'goose', dialect: goose, near: [], own: inConfig('goose', 'config.yaml') },
  { name: 'continue', dialect: continueDev, near: [], own: inHome('.continue', 'config.yaml') },
  { name: 'kiro', dialect: standard, near: ['.kiro/settings/mcp.json'], own: inHome('.kiro', 'settings', 'mcp.json') },
  { name: 'amazon-q', dialect: standard, near: ['.amazonq/mcp.json'], own: inHome('.aws', 'amazonq', 'mcp.json') },
  { name: 'copilot-cli', dialect: standard, near: [], own: inHome('.copilot', 'mcp-config.json') },
  { name: 'librechat', dialect: librechat, near: ['librechat.yaml'], own: nowhere },
]

/** Where the programs of this user keep their settings. */
export function userFolders(env: Readonly<Record<string, string | undefined>>): UserFolders {
  const home = homedir()
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config')
  const apps = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: env['APPDATA'] || join(home, 'AppData', 'Roaming'),
  }
  return { home, config, apps: apps[process.platform as keyof typeof apps] ?? config }
}
