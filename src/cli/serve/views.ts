import { type GatewaySettings, resolveGateway } from '../../config/index.js'
import type { Gateway } from '../../gateway/index.js'
import type { Supervisor, Unsubscribe } from '../../index.js'
import { CommandError, failureOf } from '../command-error.js'
import { type Configuration, readConfiguration } from '../configuration.js'
import { exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

/** The `gateway` of the last file that has one, its tokens filled in. */
export function settingsOf({ sources }: Configuration, { env, cwd }: Pick<Terminal, 'env' | 'cwd'>): GatewaySettings {
  const source = sources.findLast(({ loaded }) => Object.keys(loaded.gateway).length > 0)
  return source ? resolveGateway(source.loaded.gateway, { env, cwd, configPath: source.path }) : {}
}

/** The views of the settings, with the one named for whoever comes by none of them. @throws CommandError */
export function viewsOf({ view, views = {} }: GatewaySettings, named: string | undefined) {
  const chosen = named === undefined ? view : viewNamed(named, views)
  return { views, ...(chosen && { view: chosen }) }
}

/** A view is there to narrow: one that does not exist must not widen. */
function viewNamed(name: string, views: NonNullable<GatewaySettings['views']>) {
  const view = Object.hasOwn(views, name) ? views[name] : undefined
  if (view) return view
  const known = Object.keys(views).join(', ') || 'none'
  throw new CommandError(exitCodes.usage, `There is no view "${name}" in "gateway.views", which has: ${known}`)
}

export interface FollowViewsParts {
  readonly supervisor: Supervisor
  readonly gateway: Gateway
  readonly configuration: Configuration
  readonly terminal: Pick<Terminal, 'env' | 'cwd'>
  /** The view that was named on the command line. */
  readonly view: string | undefined
  /** What the gateway was made with. */
  readonly begun: GatewaySettings
  /** What the command line says wins over every file. */
  readonly given: GatewaySettings
  readonly say: (text: string) => void
}

/** Puts the views of the files in force after each reload; those that cannot be used change nothing. Says what has to wait. */
export function followViews({
  supervisor,
  gateway,
  configuration,
  terminal,
  view,
  begun,
  given,
  say,
}: FollowViewsParts): Unsubscribe {
  let turn = Promise.resolve()
  const inForce = lastingOf(begun)
  let told = inForce

  /** Clients know the tools by the names that they have read. */
  function tellLasting(now: GatewaySettings): void {
    const wanted = lastingOf({ ...now, ...given })
    for (const key of lasting)
      if (wanted[key] !== told[key] && wanted[key] !== inForce[key])
        say(`Gateway: "${key}": "${wanted[key]}" is for the next start; until then it is "${inForce[key]}"`)
    told = wanted
  }

  async function follow(): Promise<void> {
    try {
      const now = await readConfiguration(configuration.files, {})
      const settings = settingsOf(now, terminal)
      gateway.reload(viewsOf(settings, view))
      tellLasting(settings)
    } catch (error) {
      say(`Gateway: the views stay as they were: ${failureOf(error).message}`)
    }
  }
  return supervisor.on('config.reloaded', ({ report }) => {
    if (report.ok) turn = turn.then(follow)
  })
}

/** What of the settings holds as long as the gateway does. */
const lasting = ['naming', 'exposure'] as const

function lastingOf({ naming = 'prefix', exposure = 'all' }: GatewaySettings) {
  return { naming, exposure }
}
