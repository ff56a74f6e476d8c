import { InvalidArgumentError, Option } from 'commander'

/** Which configuration a command works on. */
export interface ConfigOptions {
  /** `-c`, as often as it was given: of two entries of one name the later wins. */
  readonly config?: readonly string[]
  readonly only?: readonly string[]
  readonly except?: readonly string[]
  readonly trust?: boolean
}

const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value]
/** Names separated by commas, as often as they are given. */
export const listed = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  ...value.split(',').map((name) => name.trim()),
]

export const configOption = () =>
  new Option('-c, --config <file>', 'the configuration, naming it is consent to what it starts; repeatable').argParser(
    collect,
  )
export const onlyOption = () =>
  new Option('--only <names>', 'these servers alone, separated by commas; * stands for any text').argParser(listed)
export const exceptOption = () => new Option('--except <names>', 'all servers but these, as --only').argParser(listed)
export const trustOption = () => new Option('--trust', 'start what a file says that was found, not named')

/** Where the tokens of the user are kept. */
export interface TokenStoreOptions {
  readonly tokenStore?: 'file' | 'keyring' | undefined
}

export const tokenStoreOption = () =>
  new Option(
    '--token-store <store>',
    'where tokens are kept: files, or files with their keys in the keyring of the system',
  )
    .choices(['file', 'keyring'])
    .default('file')
    .env('MCPVISOR_TOKEN_STORE')

/** How a command says what it has found. */
export interface OutputOptions {
  readonly output?: 'text' | 'json' | undefined
  readonly json?: boolean | undefined
}

export const outputOption = () => new Option('-o, --output <format>').choices(['text', 'json'])
export const jsonOption = () => new Option('--json', 'one document on stdout, a failure as one line on stderr')

/** The options win over `MCPVISOR_OUTPUT`. */
export function wantsJson(
  { output, json }: OutputOptions,
  { MCPVISOR_OUTPUT }: Readonly<Record<string, string | undefined>>,
): boolean {
  return json ?? (output ?? MCPVISOR_OUTPUT) === 'json'
}
export const timeoutOption = (what: string) =>
  new Option('--timeout <time>', `${what}: 500ms, 30s, 2m, or a number of milliseconds`).argParser(milliseconds)

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** Reads a time: `30s`. A number alone is in milliseconds. */
export function milliseconds(text: string): number {
  const { number, unit = 'ms' } = /^(?<number>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)?$/.exec(text)?.groups ?? {}
  const ms = Math.round(Number(number) * units[unit as keyof typeof units])
  if (ms >= 1 && Number.isSafeInteger(ms)) return ms
  throw new InvalidArgumentError('It must be a time above 0: 500ms, 30s, 2m, or a whole number of milliseconds.')
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** For programs that supervise. */
export const telemetryOption = () =>
  new Option('--telemetry', 'trace and measure by the OpenTelemetry SDK that NODE_OPTIONS loads')

/** How a program in the foreground says what happens. */
export const voiceOptions = () => [
  new Option('-q, --quiet', 'tell only what goes wrong'),
  new Option('-v, --verbose', 'also tell what the servers write to stderr'),
  new Option('--log-format <format>').choices(['pretty', 'json']).default('pretty').env('MCPVISOR_LOG_FORMAT'),
  new Option('--log-level <level>', 'of --log-format json')
    .choices(logLevels)
    .default('info')
    .env('MCPVISOR_LOG_LEVEL'),
]

/** Reads a whole number, 0 or more. */
export function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}
