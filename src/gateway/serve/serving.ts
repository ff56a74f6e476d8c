import type { Client } from '../clients/client.js'
import type { Lane, Lanes } from '../clients/lanes.js'
import type { Subscriptions } from '../clients/subscriptions.js'
import type { UrlElicitations } from '../clients/url-elicitations.js'
import type { Carry } from '../relay/exchange.js'
import type { Rounds } from '../relay/rounds.js'
import type { Surface } from '../surface.js'
import type { View } from '../view.js'

/** What every server object of a gateway has in common. */
export interface ServeParts {
  readonly surface: Surface
  readonly subscriptions: Subscriptions
  readonly lanes: Lanes
  readonly pages: UrlElicitations
  readonly rounds: Rounds
  readonly exposure: 'all' | 'search'
  /** What a client is told of the use of the servers. */
  readonly instructions: (view: View) => string | undefined
  /** The level of log messages that the servers should send has to be thought over. */
  readonly levelChosen: () => void
}

/** What one server object serves its one client with. */
export interface Serving extends ServeParts {
  readonly client: Client
  /** The way of the client to a server. */
  readonly lane: (server: string) => Lane
  readonly carry: Carry
}
