import { type Gateway, type GatewayOptions, createGateway, relayedHandlers } from '../../gateway/index.js'
import { counted } from '../counted.js'
import type { ExitCode } from '../exit-codes.js'
import { type SupervisedFileOptions, superviseFile } from '../run/supervised-file.js'
import { untilStopped } from '../run/until-stopped.js'
import { type Voice, type VoiceOptions, createVoice } from '../run/voice.js'
import type { Terminal } from '../terminal.js'

export interface ServeOptions extends VoiceOptions, SupervisedFileOptions {
  /** Listen on this port instead of serving the client that started us. */
  readonly http?: number
  readonly host?: string
  readonly path?: string
  /** `false` for `--no-token`. */
  readonly token?: string | false
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  /** Names without a prefix. */
  readonly plain?: boolean
}

/**
 * `mcpvisor serve`: all servers of a configuration as one MCP server, over stdio or HTTP. Over stdio, stdout carries MCP
 * alone, and the end of stdin ends the program.
 */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const isStdio = options.http === undefined
  const voice = createVoice(options, terminal.err)
  // Over stdio the client is at the keyboard's place: nobody can be asked.
  const asked = isStdio ? { ...terminal, isInteractive: false } : terminal
  const { supervisor, path, deafen } = await superviseFile(options, asked, voice, { handlers: relayedHandlers })
  try {
    const gateway = createGateway(supervisor, gatewayOptions(options, voice))
    voice.say(`Serving ${counted(supervisor.servers().length, 'server')} of ${path}`)
    const gone = isStdio ? clientGone(gateway, terminal.gone) : terminal.gone
    if (!isStdio) await listen(gateway, options, voice)
    return await untilStopped({ statuses: supervisor.statuses, close: closeBoth }, gone, voice.say)

    /** Clients first: what is under way may still need its server. */
    async function closeBoth() {
      await gateway.close()
      return supervisor.close()
    }
  } finally {
    deafen()
    await supervisor.close()
  }
}

function gatewayOptions({ plain = false }: ServeOptions, voice: Voice): GatewayOptions {
  return {
    naming: plain ? 'plain' : 'prefix',
    onError: (error) => voice.say(`Gateway: ${error.message}`),
  }
}

function clientGone(gateway: Gateway, readerGone: AbortSignal): AbortSignal {
  const gone = new AbortController()
  void gateway.serveStdio().closed.then(() => gone.abort())
  return AbortSignal.any([readerGone, gone.signal])
}

async function listen(gateway: Gateway, options: ServeOptions, voice: Voice): Promise<void> {
  const { http, host, path, token, allowHost, allowOrigin } = options
  const endpoint = await gateway.listen({
    ...(http !== undefined && { port: http }),
    ...(host !== undefined && { host }),
    ...(path !== undefined && { path }),
    ...(token !== undefined && { token }),
    ...(allowHost && { allowedHosts: allowHost }),
    ...(allowOrigin && { allowedOrigins: allowOrigin }),
  })
  voice.say(`Listening on ${endpoint.url}`)
  // A token that was given is known, and is not for logs.
  if (token === undefined && endpoint.token !== undefined) voice.say(`Token: ${endpoint.token}`)
}
