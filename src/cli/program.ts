import { Command, InvalidArgumentError, Option } from 'commander'

import { version } from '../index.js'
import { type CheckOptions, check } from './commands/check.js'
import { type ConfigPathOptions, configPath } from './commands/config-path.js'
import { type ConfigPrintOptions, configPrint } from './commands/config-print.js'
import { configSchema } from './commands/config-schema.js'
import { type RunOptions, run } from './commands/run.js'
import { type ServeOptions, serve } from './commands/serve.js'
import type { ExitCode } from './exit-codes.js'
import { type Terminal, createTerminal } from './terminal.js'

/** The commands and their options. `finish` is told the exit code of the one that ran. */
export function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command('mcpvisor')
    .description('Supervises MCP servers: checks their configuration, starts them, keeps them running.')
    .version(version)
    .option('--no-color', 'write no colours')
    // Settings that the commands made below take over. Whoever runs the program reports its errors, once.
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  const terminal = (): Terminal => createTerminal({ isColorless: program.opts()['color'] === false })

  program
    .command('check')
    .description('judge each server of a configuration, with the lines to correct')
    .argument('[file...]', 'default: the file that "config path" prints')
    .addOption(configOption())
    .option('--strict', 'let warnings fail')
    .option('--resolve', 'look for the variables and files that the entries name')
    .option('--connect', 'start each server, list its tools, stop it')
    .addOption(
      new Option('--timeout <ms>', 'for connecting, and again for listing').default(30_000).argParser(milliseconds),
    )
    .addOption(trustOption())
    .addOption(
      new Option('-o, --output <format>').choices(['text', 'json', 'github']).default('text').env('MCPVISOR_OUTPUT'),
    )
    .addOption(new Option('--json', 'the same as --output json').implies({ output: 'json' }))
    .option('-v, --verbose', 'also tell what is merely worth knowing')
    .action(async (files: string[], options: CheckOptions) => finish(await check(files, options, terminal())))

  program
    .command('run')
    .description('start every server and keep it running, in the foreground')
    .addOption(configOption())
    .option('-w, --watch', 'reload when the file changes')
    .addOption(trustOption())
    .addOption(logFormatOption())
    .addOption(logLevelOption())
    .action(async (options: RunOptions) => finish(await run(options, terminal())))

  program
    .command('serve')
    .description('serve every server as one MCP server: to the client that started it, or over HTTP')
    .addOption(configOption())
    .option('-w, --watch', 'reload when the file changes')
    .addOption(trustOption())
    .addOption(new Option('--http <port>', 'listen instead of serving stdin and stdout').argParser(portNumber))
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--path <path>', 'where on the host', '/mcp')
    .addOption(
      new Option('--token <token>', 'what clients must bring; default: one is made and printed').env('MCPVISOR_TOKEN'),
    )
    .option('--no-token', 'ask for none, on loopback only')
    .option('--allow-host <name...>', 'further names that clients address it by')
    .option('--allow-origin <host...>', 'further hosts whose pages may send requests')
    .option('--metrics', 'answer at /healthz and /readyz too, and at /metrics with the token')
    .option('--view <name>', 'what the client sees that started it: a view of the configuration')
    .option('--search', 'list four tools that find and call the others')
    .option('--plain', 'show the tools of the one configured server under their own names')
    .addOption(logFormatOption())
    .addOption(logLevelOption())
    .action(async (options: ServeOptions) => finish(await serve(options, terminal())))

  const config = program.command('config').description('look at the configuration')
  config
    .command('path')
    .description('print the file that is used, and on stderr where it was looked for')
    .addOption(configOption())
    .option('--json')
    .action(async (options: ConfigPathOptions) => finish(await configPath(options, terminal())))
  config
    .command('print')
    .description('print what each server is started with, secrets starred')
    .addOption(configOption())
    .action(async (options: ConfigPrintOptions) => finish(await configPrint(options, terminal())))
  config
    .command('schema')
    .description('print the JSON Schema of a configuration file')
    .action(() => finish(configSchema(terminal())))

  return program
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

const configOption = () =>
  new Option('-c, --config <file>', 'the configuration; naming it is consent to what it starts')
const trustOption = () => new Option('--trust', 'start what a file says that was found, not named')

const logFormatOption = () => new Option('--log-format <format>').choices(['pretty', 'json']).default('pretty')
const logLevelOption = () =>
  new Option('--log-level <level>', 'of --log-format json').choices(logLevels).default('info').env('MCPVISOR_LOG_LEVEL')

function portNumber(text: string): number {
  const port = Number(text)
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a port number, or 0 for any that is free.')
}

function milliseconds(text: string): number {
  const ms = Number(text)
  if (Number.isSafeInteger(ms) && ms > 0) return ms
  throw new InvalidArgumentError('It must be a whole number of milliseconds, at least 1.')
}
