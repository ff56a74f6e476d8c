import { z } from 'zod'
import { typeAliases } from './aliases.js'
import type { FindingCode } from './findings.js'
import { policySchema } from './policy.js'

/** What a key of an entry may hold as it is written, and how to say so. The JSON Schema is made of the same rules. */
export interface KeyRule {
  readonly schema: z.ZodType
  readonly code: FindingCode
  readonly expects: string
  /** For a text: its form, when the type alone is not enough. */
  readonly format?: string
  /** For a list or a map: what each item must be. */
  readonly item?: { readonly schema: z.ZodType; readonly expects: string }
  /** For an object with known members: each with its `description` as expectation. */
  readonly members?: Readonly<Record<string, z.ZodType>>
  readonly description: string
}

const plainText = z.string().regex(/^[^\0]*$/)
const filledText = z.string().regex(/^(?=[^\0]*$)\s*\S/)
const lineText = z.string().regex(/^[^\0\r\n]*$/)
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
const variableName = z.string().regex(/^[^=\0]+$/)
const truth = z.union([z.boolean(), z.enum(['true', 'false'])])
const scalar = z.union([plainText, z.number(), z.boolean()])
const strings = z.array(plainText)

const setting = plainText.describe('a string')

/** That of a client id metadata document; what a placeholder brings is judged when it is used. */
const documentUrl = z.string().regex(/^https:\/\/[^\s/?#@\\]+\/[^\s#\\]+$|\$\{/)

/** Those for which the key is a private one. */
const signingAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const

const oauthMembers = {
  enabled: z.boolean().describe('true or false'),
  clientId: setting,
  clientSecret: setting,
  clientMetadataUrl: documentUrl.describe('an https URL with a path'),
  privateKey: setting,
  signingAlgorithm: z.enum(signingAlgorithms).describe(`one of ${signingAlgorithms.join(', ')}`),
  grantType: z
    .enum(['authorization_code', 'client_credentials'])
    .describe('"authorization_code" or "client_credentials"'),
  scopes: z.union([plainText, strings]).describe('an array of strings, or one string with blanks'),
  redirectUri: setting,
  callbackPort: z.int().min(1).max(65_535).describe('a port number'),
  authServerMetadataUrl: setting,
  issuer: setting,
  authorizationUrl: setting,
  tokenUrl: setting,
  registrationUrl: setting,
  audiences: strings.describe('an array of strings'),
  tokenParamName: setting,
}

export const oauthKeys: ReadonlySet<string> = new Set(Object.keys(oauthMembers))

export const entryKeys = {
  type: {
    schema: z.enum([...typeAliases.keys()]),
    code: 'bad-type',
    expects: 'a string',
    description: 'How the server is reached: "stdio", "http" or "sse". Told by "command" or "url" when it is absent.',
  },
  command: {
    schema: z.union([filledText, z.array(plainText).nonempty()]),
    code: 'bad-command',
    expects: 'a string',
    format: 'the name or path of a program',
    item: { schema: plainText, expects: 'a string without NUL' },
    description: 'The program of a stdio server. It is run without a shell and never split at blanks.',
  },
  args: {
    schema: z.array(scalar),
    code: 'bad-args',
    expects: 'an array',
    item: { schema: scalar, expects: 'a string without NUL' },
    description: 'Arguments of the program, passed as they are.',
  },
  env: {
    schema: z.union([z.record(variableName, scalar.nullable()), strings]),
    code: 'bad-env',
    expects: 'an object',
    item: { schema: scalar.nullable(), expects: 'a string without NUL' },
    description: 'Environment variables of the program, over the few it gets anyway. null means not set.',
  },
  envFile: {
    schema: filledText,
    code: 'bad-env-file',
    expects: 'the path of a file',
    description: 'A dotenv file with more variables, below those of "env". Relative to the configuration file.',
  },
  cwd: {
    schema: filledText,
    code: 'bad-cwd',
    expects: 'the path of a directory',
    description: 'The working directory of the program.',
  },
  url: {
    schema: z.string().regex(/^\s*[hH][tT][tT][pP][sS]?:\/\/[^\s/]|\$\{/),
    code: 'bad-url',
    expects: 'a string',
    format: 'an http or https URL',
    description: 'The http or https address of a server. Without "type", Streamable HTTP is tried first, then SSE.',
  },
  headers: {
    schema: z.record(headerName, z.union([lineText, z.number(), z.boolean()])),
    code: 'bad-headers',
    expects: 'an object',
    item: { schema: z.union([lineText, z.number(), z.boolean()]), expects: 'a string of one line' },
    description: 'HTTP headers sent with every request.',
  },
  headersHelper: {
    schema: z.unknown(),
    code: 'bad-headers',
    expects: 'a string',
    description: 'Accepted and not run: mcpvisor executes no command to make headers.',
  },
  oauth: {
    schema: z.union([z.literal(false), z.looseObject(oauthMembers).partial()]),
    code: 'bad-oauth',
    expects: 'an object or false',
    members: oauthMembers,
    description: 'What is known of the authorization beforehand; false turns it off.',
  },
  auth: {
    schema: z.union([plainText, z.looseObject({})]),
    code: 'bad-oauth',
    expects: '"oauth", a bearer token or an object',
    description: 'Short form: "oauth", or a bearer token.',
  },
  protocolEra: {
    schema: z.enum(['auto', 'legacy', 'modern']),
    code: 'bad-era',
    expects: '"auto", "legacy" or "modern"',
    format: '"auto", "legacy" or "modern"',
    description: 'Revisions with a handshake are legacy, those since 2026-07-28 are modern; "auto" finds out.',
  },
  disabled: {
    schema: truth,
    code: 'bad-boolean',
    expects: 'true or false',
    description: 'true leaves the server out.',
  },
  includeTools: {
    schema: z.union([z.literal('*'), strings]),
    code: 'bad-tool-filter',
    expects: 'an array',
    item: { schema: plainText, expects: 'a string' },
    description: 'The only tools that may be seen and called. An empty list allows none.',
  },
  excludeTools: {
    schema: strings,
    code: 'bad-tool-filter',
    expects: 'an array',
    item: { schema: plainText, expects: 'a string' },
    description: 'Tools that may not be seen or called, over "includeTools".',
  },
  description: {
    schema: z.unknown(),
    code: 'ignored-key',
    expects: 'a string',
    description: 'For people. A change of it restarts nothing.',
  },
  supervisor: {
    schema: policySchema,
    code: 'bad-policy',
    expects: 'an object',
    description: 'How mcpvisor supervises the server.',
  },
} as const satisfies Record<string, KeyRule>

export type EntryKey = keyof typeof entryKeys

export function isEntryKey(key: string): key is EntryKey {
  return Object.hasOwn(entryKeys, key)
}
