import { type Gateway, createGateway, relayedHandlers } from '../../gateway/index.js'
import type { GatewaySettings } from '../../config/index.js'
import { counted } from '../counted.js'
import type { ExitCode } from '../exit-codes.js'
import { type SuperviseOptions, supervise } from '../run/supervise.js'
import { untilStopped } from '../run/until-stopped.js'
import { type Voice, type VoiceOptions, createVoice } from '../run/voice.js'
import { followViews, settingsOf, viewsOf } from '../serve/views.js'
import type { Terminal } from '../terminal.js'

export interface ServeOptions extends VoiceOptions, SuperviseOptions {
  /** Listen on this port instead of serving the client that started us. */
  readonly http?: number
  readonly host?: string
  readonly path?: string
  /** `false` for `--no-token`. */
  readonly token?: string | false
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  /** Pages for whoever watches. */
  readonly metrics?: boolean
  /** The view of the client that started us. */
  readonly view?: string
  /** Four tools that find the others. */
  readonly search?: boolean
  /** Names without a prefix. */
  readonly plain?: boolean
}

/**
 * `mcpvisor serve`: all servers of a configuration as one MCP server, over stdio or HTTP. Over stdio, stdout carries MCP
 * alone, and the end of stdin ends the program.
 */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const isStdio = options.http === undefined
  // The client reads stderr as lines, also where it is a terminal.
  const voice = createVoice(options, isStdio ? { ...terminal.err, isLive: false } : terminal.err)
  // Over stdio the client is at the keyboard's place: nobody can be asked.
  const asked = isStdio ? { ...terminal, isInteractive: false } : terminal
  const undertaking = { command: 'serve', isOneOfMany: isStdio, supervisor: { handlers: relayedHandlers } } as const
  const { supervisor, configuration, end } = await supervise(options, asked, voice, undertaking)
  try {
    const settings = settingsOf(configuration, terminal)
    const given = givenBy(options)
    const begun = { ...settings, ...given, ...viewsOf(settings, options.view) }
    const onError = (error: Error): void => voice.say(`Gateway: ${error.message}`)
    const gateway = createGateway(supervisor, { ...begun, onError })
    followViews({ supervisor, gateway, configuration, terminal, view: options.view, begun, given, say: voice.say })
    voice.say(
      `Serving ${counted(supervisor.servers().length, 'server')} of ${configuration.files.map(({ path }) => path).join(', ')}`,
    )
    const gone = isStdio ? clientGone(gateway, terminal.gone) : terminal.gone
    if (!isStdio) await listen(gateway, options, voice)
    return await untilStopped({ statuses: supervisor.statuses, close: closeBoth }, gone, voice.say)

    /** Clients first: what is under way may still need its server. */
    async function closeBoth() {
      await gateway.close()
      return supervisor.close()
    }
  } finally {
    await supervisor.close()
    await end()
  }
}

/** What the command line says wins over the file. */
function givenBy({ plain, search }: ServeOptions): GatewaySettings {
  return { ...(plain && { naming: 'plain' }), ...(search && { exposure: 'search' }) }
}

function clientGone(gateway: Gateway, readerGone: AbortSignal): AbortSignal {
  const gone = new AbortController()
  void gateway.serveStdio().closed.then(() => gone.abort())
  return AbortSignal.any([readerGone, gone.signal])
}

async function listen(gateway: Gateway, options: ServeOptions, voice: Voice): Promise<void> {
  const { http, host, path, token, allowHost, allowOrigin, metrics = false } = options
  const endpoint = await gateway.listen({
    monitoring: metrics,
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
