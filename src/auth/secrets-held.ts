import { createMask } from '../config/secrets.js'
import type { Grant } from './grant.js'
import type { Login } from './login.js'

/** The secrets that authorization brings at run time, hidden in every text from then on. */
export interface SecretsHeld {
  hold(...secrets: readonly (string | undefined)[]): void
  holdGrant(grant: Grant): void
  holdLogin(login: Login): void
  mask(text: string): string
}

/** Those of the last renewals; a server that betrays an older one betrays what is worth nothing. */
const mostHeld = 64

export function createSecretsHeld(): SecretsHeld {
  let held: string[] = []
  let mask = createMask([])

  function hold(...secrets: readonly (string | undefined)[]): void {
    const fresh = secrets.filter((secret) => secret !== undefined && !held.includes(secret)) as string[]
    if (fresh.length === 0) return
    held = [...held, ...fresh].slice(-mostHeld)
    mask = createMask(held)
  }

  return {
    hold,
    holdGrant({ tokens, client }) {
      const registration =
        client && 'registration_access_token' in client ? client.registration_access_token : undefined
      hold(tokens?.access_token, tokens?.refresh_token, tokens?.id_token, client?.client_secret)
      if (typeof registration === 'string') hold(registration)
    },
    holdLogin: ({ verifier, client }) => hold(verifier, client.client_secret),
    mask: (text) => mask(text),
  }
}
