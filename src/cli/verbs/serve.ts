import { type Command, InvalidArgumentError, Option } from 'commander'

import type { ServeOptions } from '../commands/serve.js'
import {
  configOption,
  exceptOption,
  onlyOption,
  telemetryOption,
  tokenStoreOption,
  trustOption,
  voiceOptions,
} from '../options.js'
import type { Shell } from './shell.js'

/** `serve`: the gateway. */
export function declareServe(program: Command, { finish, terminal }: Shell): void {
  const serving = program
    .command('serve')
    .description('serve every server as one MCP server: to the client that started it, or over HTTP')
    .addOption(configOption())
    .addOption(onlyOption())
    .addOption(exceptOption())
    .option('-w, --watch', 'reload when a file changes')
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .addOption(telemetryOption())
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
    .action(async (options: ServeOptions) => {
      const { serve } = await import('../commands/serve.js')
      finish(await serve(options, terminal()))
    })
  for (const option of voiceOptions()) serving.addOption(option)
}

function portNumber(text: string): number {
  const port = Number(text)
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a port number, or 0 for any that is free.')
}
