import type { Command } from 'commander'

import type { ImportOptions } from '../commands/import.js'
import { exceptOption, jsonOption, listed, onlyOption, outputOption } from '../options.js'
import type { Shell } from './shell.js'

/** `import`: what other clients have. */
export function declareImport(program: Command, { finish, terminal }: Shell): void {
  program
    .command('import')
    .description('write the servers of other clients into a file of ours')
    .argument('[file...]', 'their files: JSON, TOML or YAML; without any, those of this machine are listed')
    .option('--list', 'list the files and their servers, write nothing')
    .option('--from <clients>', 'the files of these clients, separated by commas; * stands for any text', listed)
    .option('--to <file>', 'where to write; default: mcpvisor.json')
    .addOption(onlyOption())
    .addOption(exceptOption())
    .option('--force', 'replace servers that are defined otherwise')
    .option('--dry-run', 'tell what would be written, write nothing')
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (files: string[], options: ImportOptions) => {
      const { importServers } = await import('../commands/import.js')
      finish(await importServers(files, options, terminal()))
    })
}
