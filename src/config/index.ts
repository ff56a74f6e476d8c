/** The configuration library: read, judge and compare configurations of MCP servers. Named exports only. */
export { type Policy, defaultPolicy } from './defaults.js'
export { digestEntry } from './digest.js'
export { type ServersDiff, diffServers } from './diff.js'
export type { Endpoint, HttpEndpoint, OAuthSettings, ParsedEntry, ServerEntry, StdioEndpoint } from './entry.js'
export { type Finding, type FindingCode, type Path, type Severity, findingCodes } from './findings.js'
export { configJsonSchema } from './json-schema.js'
export type { Position } from './json-tree.js'
export { loadConfigFile } from './load-file.js'
export {
  type LoadOptions,
  type LoadedConfig,
  type LocatedFinding,
  type ServerVerdict,
  type Verdict,
  loadConfig,
} from './load.js'
export { sanitisedName } from './names.js'
export { type ParseOptions, type ParsedConfig, parseConfig } from './parse.js'
export { parsePolicy } from './policy.js'
export { type ResolveScope, type ResolvedEntry, resolveEntry } from './resolve.js'
export { createMask } from './secrets.js'
