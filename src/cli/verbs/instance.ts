import { type Command, Option } from 'commander'

import type { ControlServersOptions } from '../commands/control-servers.js'
import type { LogsOptions } from '../commands/logs.js'
import type { RunOptions } from '../commands/run.js'
import type { StatusOptions } from '../commands/status.js'
import {
  configOption,
  count,
  exceptOption,
  jsonOption,
  onlyOption,
  outputOption,
  telemetryOption,
  timeoutOption,
  tokenStoreOption,
  trustOption,
  voiceOptions,
} from '../options.js'
import type { Shell } from './shell.js'

/** `run`, and what looks at a running instance and steers it. */
export function declareInstance(program: Command, { finish, terminal }: Shell): void {
  const running = program
    .command('run')
    .description('start every server and keep it running, in the foreground')
    .addOption(configOption())
    .addOption(onlyOption())
    .addOption(exceptOption())
    .option('-w, --watch', 'reload when a file changes')
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .addOption(telemetryOption())
    .option('--inspect', 'open a page on this machine that shows them at work, and print its address')
    .action(async (options: RunOptions) => {
      const { run } = await import('../commands/run.js')
      finish(await run(options, terminal()))
    })
  for (const option of voiceOptions()) running.addOption(option)

  program
    .command('status')
    .description('how the servers of the running instance are, and why')
    .argument('[server...]', 'names, in which * stands for any text; a single one is explained')
    .addOption(configOption())
    .option('-w, --watch', 'follow every change')
    .addOption(new Option('--names', 'print their names alone, one a line').conflicts(['watch', 'output', 'json']))
    .option('--exit-code', 'exit 4 unless every server is ready, 3 if all it lacks is authorization')
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (servers: string[], options: StatusOptions) => {
      const { status } = await import('../commands/status.js')
      finish(await status(servers, options, terminal()))
    })

  program
    .command('logs')
    .description('what a server of the running instance wrote to stderr')
    .argument('<server>')
    .addOption(configOption())
    .option('-f, --follow', 'go on until the instance ends')
    .addOption(new Option('-n, --lines <count>', 'how many of the last').default(100).argParser(count))
    .option('-t, --timestamps', 'when each was written')
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (server: string, options: LogsOptions) => {
      const { logs } = await import('../commands/logs.js')
      finish(await logs(server, options, terminal()))
    })

  for (const [verb, does] of [
    ['start', 'connect servers of the running instance, those that were stopped too'],
    ['stop', 'end servers of the running instance, and keep them closed until they are started'],
    ['restart', 'end servers of the running instance and connect them again'],
  ] as const) {
    const command = program
      .command(verb)
      .description(does)
      .argument('<server...>', 'names, in which * stands for any text')
      .addOption(configOption())
      .option('--wait', verb === 'stop' ? 'until nothing of them is left' : 'until they are ready')
    if (verb !== 'stop') command.addOption(timeoutOption('for --wait'))
    command
      .addOption(outputOption())
      .addOption(jsonOption())
      .action(async (servers: string[], options: ControlServersOptions) => {
        const { controlServers } = await import('../commands/control-servers.js')
        finish(await controlServers(verb, servers, options, terminal()))
      })
  }
}
