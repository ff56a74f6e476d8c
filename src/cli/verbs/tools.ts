import type { Command } from 'commander'

import type { ApproveOptions } from '../commands/approve.js'
import type { CallToolOptions } from '../commands/call.js'
import type { ToolsOptions } from '../commands/tools.js'
import {
  configOption,
  exceptOption,
  jsonOption,
  onlyOption,
  outputOption,
  timeoutOption,
  tokenStoreOption,
  trustOption,
} from '../options.js'
import type { Shell } from './shell.js'

/** `tools`, `call` and `approve`: in the running instance, else in servers that are started for the moment. */
export function declareTools(program: Command, { finish, terminal }: Shell): void {
  program
    .command('tools')
    .description('list the tools of servers')
    .argument('[server...]', 'names, in which * stands for any text')
    .addOption(configOption())
    .addOption(onlyOption())
    .addOption(exceptOption())
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .option('--schema', 'with their descriptions and input schemas')
    .addOption(timeoutOption('for each server'))
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (servers: string[], options: ToolsOptions) => {
      const { tools } = await import('../commands/tools.js')
      finish(await tools(servers, options, terminal()))
    })

  program
    .command('call')
    .description('call a tool once')
    .argument('<server.tool>')
    .argument('[argument...]', 'name=value, name:=json or name=@file')
    .addOption(configOption())
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .option('--args <json>', 'all arguments as a JSON object, @file, or - for stdin')
    .option('--raw', 'print the content as it came')
    .addOption(timeoutOption('the longest silence'))
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (target: string, words: string[], options: CallToolOptions) => {
      const { call } = await import('../commands/call.js')
      finish(await call(target, words, options, terminal()))
    })

  program
    .command('approve')
    .description('show the tools that are held, and let them be used')
    .argument('[server...]', 'names, in which * stands for any text')
    .addOption(configOption())
    .addOption(onlyOption())
    .addOption(exceptOption())
    .addOption(trustOption())
    .option('-y, --yes', 'approve what is shown, without a question')
    .addOption(timeoutOption('for each server'))
    .addOption(tokenStoreOption())
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (servers: string[], options: ApproveOptions) => {
      const { approve } = await import('../commands/approve.js')
      finish(await approve(servers, options, terminal()))
    })
}
