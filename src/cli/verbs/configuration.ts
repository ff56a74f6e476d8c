import { type Command, Option } from 'commander'

import type { CheckOptions } from '../commands/check.js'
import type { ConfigPathOptions } from '../commands/config-path.js'
import type { ConfigPrintOptions } from '../commands/config-print.js'
import {
  configOption,
  exceptOption,
  jsonOption,
  milliseconds,
  onlyOption,
  tokenStoreOption,
  trustOption,
} from '../options.js'
import type { Shell } from './shell.js'

/** `check` and `config`: what looks at a configuration. */
export function declareConfiguration(program: Command, { finish, terminal }: Shell): void {
  program
    .command('check')
    .description('judge each server of a configuration, with the lines to correct')
    .argument('[file...]', 'default: the files that "config path" prints')
    .addOption(configOption())
    .option('--strict', 'let warnings fail')
    .option('--resolve', 'look for the variables and files that the entries name')
    .option('--connect', 'start each server, list its tools, stop it')
    .addOption(
      new Option('--timeout <time>', 'for connecting, and again for listing: 500ms, 30s, 2m')
        .default(30_000, '30s')
        .argParser(milliseconds),
    )
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .addOption(
      new Option('-o, --output <format>').choices(['text', 'json', 'github']).default('text').env('MCPVISOR_OUTPUT'),
    )
    .addOption(new Option('--json', 'the same as --output json').implies({ output: 'json' }))
    .option('-v, --verbose', 'also tell what is merely worth knowing')
    .action(async (files: string[], options: CheckOptions) => {
      const { check } = await import('../commands/check.js')
      finish(await check(files, options, terminal()))
    })

  const config = program.command('config').description('look at the configuration')
  config
    .command('path')
    .description('print the file that is used, and on stderr where it was looked for')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: ConfigPathOptions) => {
      const { configPath } = await import('../commands/config-path.js')
      finish(await configPath(options, terminal()))
    })
  config
    .command('print')
    .description('print what each server is started with, secrets starred')
    .addOption(configOption())
    .addOption(onlyOption())
    .addOption(exceptOption())
    .addOption(jsonOption())
    .action(async (options: ConfigPrintOptions) => {
      const { configPrint } = await import('../commands/config-print.js')
      finish(await configPrint(options, terminal()))
    })
  config
    .command('schema')
    .description('print the JSON Schema of a configuration file')
    .addOption(jsonOption())
    .action(async () => {
      const { configSchema } = await import('../commands/config-schema.js')
      finish(configSchema(terminal()))
    })
}
