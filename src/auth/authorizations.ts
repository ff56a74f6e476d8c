import type { HttpEndpoint, OAuthSettings } from '../config/entry.js'
import type { TokenStore } from '../token-store.js'
import { type AuthEvent, type Authorizer, createAuthorizer } from './authorizer.js'
import { FlowError } from './flow-error.js'
import type { PersonOptions } from './person.js'
import { readSettings } from './settings.js'

/** The authorizations of all servers, by name. */
export interface Authorizations {
  /** The one of a server, made anew when its configuration changed. Undefined for a server that never gets OAuth. */
  of(server: string, definition: AuthDefinition): Authorizer | undefined
  /** Whether a person has to log in before the server can be used. */
  isLoginWanted(server: string): boolean
  /** Whether somebody may have logged in since that time, so that it is worth to look. */
  mayBeLoggedIn(server: string, since: number): boolean
  /** Looks whether somebody has logged in since, here or elsewhere: then the server may be connected again. */
  lookForLogin(server: string, since: number): Promise<boolean>
  /** Brings a person to the login that is wanted. */
  login(server: string, options: PersonOptions): Promise<void>
  /** Ends and forgets what is under way for a server. Its grant stays in the store. */
  drop(server: string): void
  close(): void
}

export interface AuthDefinition {
  /** Of the resolved entry: another digest is another definition. */
  readonly digest: string
  readonly endpoint: HttpEndpoint
  readonly oauth?: OAuthSettings | false | undefined
  readonly connectTimeoutMs: number
}

export interface AuthorizationsParts {
  readonly store: TokenStore
  readonly now: () => number
  readonly tell: (event: AuthEvent) => void
}

const longestExchangeMs = 20_000

export function createAuthorizations({ store, now, tell }: AuthorizationsParts): Authorizations {
  const servers = new Map<string, { readonly digest: string; readonly authorizer: Authorizer }>()

  function drop(server: string): void {
    servers.get(server)?.authorizer.close()
    servers.delete(server)
  }

  return {
    of(server, { digest, endpoint, oauth, connectTimeoutMs }) {
      const known = servers.get(server)
      if (known?.digest === digest) return known.authorizer
      drop(server)
      if (oauth === false || bringsItsOwn(endpoint)) return undefined
      const url = new URL(endpoint.url)
      url.hash = ''
      const authorizer = createAuthorizer({
        server,
        url,
        settings: readSettings(oauth),
        store,
        // Sooner than the attempt to connect, so that its failure says what failed.
        timeoutMs: Math.max(1, Math.min(longestExchangeMs, connectTimeoutMs * 0.75)),
        now,
        tell,
      })
      servers.set(server, { digest, authorizer })
      return authorizer
    },
    isLoginWanted: (server) => servers.get(server)?.authorizer.isLoginWanted() ?? false,
    mayBeLoggedIn: (server, since) => servers.get(server)?.authorizer.mayBeLoggedIn(since) ?? false,
    lookForLogin: async (server, since) => (await servers.get(server)?.authorizer.lookForLogin(since)) ?? false,
    async login(server, options) {
      const known = servers.get(server)
      if (!known) throw new FlowError(`login: nothing is known of server "${server}"`)
      await known.authorizer.login(options)
    },
    drop,
    close() {
      for (const server of servers.keys()) drop(server)
    },
  }
}

/** Whether the configuration says how to be let in: then that is sent, and nothing else is tried. */
function bringsItsOwn({ url, headers }: HttpEndpoint): boolean {
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return true
  const { username, password } = URL.canParse(url) ? new URL(url) : { username: '', password: '' }
  return username !== '' || password !== ''
}
