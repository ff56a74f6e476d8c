import { SupervisorError } from '../errors.js'
import type { EventOf } from '../events.js'
import type { TokenStore } from '../token-store.js'
import { createAuthFailures } from './auth-failures.js'
import type { Challenge } from './challenge.js'
import { type Credentials, createCredentials } from './credentials.js'
import type { Flow } from './flow.js'
import { FlowError } from './flow-error.js'
import { type Grant, grantKey, withoutClient, withoutRefresh } from './grant.js'
import { reachOf } from './lawful-url.js'
import { type Login, beginLogin, finishLogin } from './login.js'
import { type PersonOptions, inTime, waitForPerson } from './person.js'
import { type Redirect, listenForRedirect, plannedRedirect } from './redirect.js'
import { renewed } from './renew.js'
import { revoke } from './revoke.js'
import { loadSdk } from './sdk.js'
import { createSecretsHeld } from './secrets-held.js'
import { type AuthSettings, namedHosts } from './settings.js'
import { isClientUnknown } from './step.js'
import { createVault } from './vault.js'

/** What authorization tells the host. */
export type AuthEvent = EventOf<'auth.required' | 'auth.completed' | 'auth.unsaved'>

/** The authorization of one configured server: its grant, its logins, and the credentials of its connections. */
export interface Authorizer {
  /** For one connection. Reads the store anew, where another process may have logged in. */
  credentials(): Credentials
  /** Whether a person is waited for. */
  isLoginWanted(): boolean
  /** Whether somebody may have logged in since that time, so that it is worth to look. */
  mayBeLoggedIn(since: number): boolean
  /** Looks whether somebody has logged in since, here or elsewhere: then a connection would find the grant. */
  lookForLogin(since: number): Promise<boolean>
  /** Brings a person to the login that is wanted. @throws `AUTH_FAILED`, or the reason of `signal` */
  login(options: PersonOptions): Promise<void>
  /** Forgets the grant; resolves with whether the authorization server was told. */
  logout(): Promise<{ readonly revoked: boolean }>
  /** Hides what it holds of secrets. */
  mask(text: string): string
  /** Ends whatever is under way. */
  close(): void
}

export interface AuthorizerParts {
  readonly server: string
  readonly url: URL
  readonly settings: AuthSettings
  readonly store: TokenStore
  /** For one exchange without a person: discovery, registration and tokens. */
  readonly timeoutMs: number
  readonly now: () => number
  readonly tell: (event: AuthEvent) => void
}

/** A login that was begun and not finished is good for so long; most servers forget it sooner. */
const loginLifeMs = 600_000

export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const { server, url, settings, store, timeoutMs, now, tell } = parts
  const closing = new AbortController()
  const secrets = createSecretsHeld()
  secrets.hold(settings.clientSecret, settings.privateKey)
  const failures = createAuthFailures(server, secrets.mask)
  const vault = createVault({
    key: grantKey(url, settings),
    store,
    failed: (message) => tell({ type: 'auth.unsaved', server, message }),
    loaded: secrets.holdGrant,
  })
  const reach = reachOf(url, namedHosts(settings))
  let login: Login | undefined
  let completedAt = -Infinity
  let personal: Promise<void> | undefined
  let looking: Promise<boolean> | undefined

  /** Runs one exchange with a deadline over all of it, alone of all that share the store. */
  async function exchange<T>(run: (flow: Flow) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])
    const perRequestMs = Math.max(1, Math.min(10_000, timeoutMs / 2))
    const [sdk, { createGuardedFetch }] = await Promise.all([loadSdk(), import('./guarded-fetch.js')])
    const fetch = createGuardedFetch({ reach, timeoutMs: perRequestMs, signal })
    const flow: Flow = { sdk, url, settings, reach, fetch, mask: secrets.mask, now }
    try {
      return await vault.exclusively(() => run(flow), signal)
    } catch (error) {
      if (!signal.aborted || error instanceof SupervisorError) throw error
      const what = error instanceof FlowError ? error.message : `nothing came of it within ${timeoutMs} ms`
      throw new FlowError(what, { isTransient: true })
    }
  }

  /** Gets a token that `sent` is not. A challenge is absent when one is renewed before it is refused. */
  async function renew(challenge: Challenge | undefined, sent: string | undefined): Promise<void> {
    try {
      await exchange(async (flow) => {
        const grant = await vault.reload()
        // Another process was first.
        if (grant.tokens && grant.tokens.access_token !== sent) return
        // As long as a person is on the way to a login, what was found for it stays.
        const isStale = sent !== undefined || !login || !isCurrent(login)
        const outcome = await renewed(flow, grant, challenge, isStale)
        if (outcome.kind === 'login' && !challenge) return await vault.save(withoutRefresh(grant))
        await vault.save(outcome.grant)
        if (outcome.kind === 'login') await wantLogin(flow, outcome.grant, outcome.scopes, challenge)
      })
    } catch (error) {
      throw failures.of(error, challenge?.status)
    }
  }

  /** Begins a login, unless the same one was begun and not ended. @throws `AUTH_REQUIRED` always */
  async function wantLogin(flow: Flow, grant: Grant, scopes: readonly string[], challenge?: Challenge): Promise<never> {
    const { discovery } = grant
    if (!discovery) throw new FlowError('discovery: nothing was found')
    const isSame = login && isCurrent(login) && login.scopes.join() === scopes.join()
    if (!isSame) await begin(flow, await plannedRedirect(settings, grant), grant, scopes)
    if (login && (!isSame || challenge?.status === 401)) tell({ type: 'auth.required', server, url: login.url })
    throw failures.loginNeeded(challenge)
  }

  async function begin(flow: Flow, redirectUri: string, grant: Grant, scopes: readonly string[]): Promise<Login> {
    if (!grant.discovery) throw new FlowError('discovery: nothing was found')
    login = await beginLogin(flow, grant.discovery, { grant, redirectUri, scopes })
    secrets.holdLogin(login)
    const { client } = login
    // The tokens that are held were given to the client before: they stay together until there are new ones.
    if (!grant.tokens && settings.clientId === undefined) await vault.save({ ...grant, client, redirectUri })
    return login
  }

  async function look(): Promise<boolean> {
    const known = vault.grant.tokens?.access_token
    const { tokens } = await exchange(() => vault.reload())
    if (!login || !tokens || tokens.access_token === known) return false
    complete()
    return true
  }

  function complete(): void {
    login = undefined
    completedAt = now()
    tell({ type: 'auth.completed', server })
  }

  const isCurrent = ({ begunAt }: Login) => now() - begunAt < loginLifeMs

  async function bringPerson(options: PersonOptions): Promise<void> {
    const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])])
    let redirect: Redirect | undefined
    try {
      redirect = await listenForRedirect(settings, login?.redirectUri)
      const current = await loginAt(redirect.uri)
      const parameters = await waitForPerson(current, redirect, { ...options, signal })
      secrets.hold(parameters.get('code') ?? undefined)
      // Whatever comes of it, this login is used up.
      login = undefined
      await exchange(async (flow) => {
        await vault.save(await finishLogin(flow, current, parameters).catch(forgetUnknown))
      })
      complete()
    } catch (error) {
      if (options.signal?.aborted) throw error
      throw failures.of(error)
    } finally {
      await redirect?.server?.close()
    }
  }

  /** Lets the next login register anew where the authorization server does not know the client any more. */
  async function forgetUnknown(error: unknown): Promise<never> {
    const grant = await vault.reload()
    if (isClientUnknown(error) && !grant.tokens) await vault.save(withoutClient(grant))
    throw error
  }

  /** Waits for the login that another brings a person to; whoever brings them may give up, then it is our turn. */
  async function bringOrJoin(options: PersonOptions): Promise<void> {
    if (!personal) return (personal = bringPerson(options).finally(() => (personal = undefined)))
    try {
      await inTime(personal, options)
    } catch (error) {
      if (error instanceof SupervisorError || options.signal?.aborted) throw error
      if (error instanceof FlowError) throw failures.of(error)
      await bringOrJoin(options)
    }
  }

  /** The login that was begun, when it comes back to that address and is not too old; else another. */
  async function loginAt(redirectUri: string): Promise<Login> {
    const wanted = login
    if (!wanted) throw new FlowError('login: no login is wanted')
    if (wanted.redirectUri === redirectUri && isCurrent(wanted)) return wanted
    return exchange(async (flow) => {
      const grant = await vault.reload()
      const again = await begin(flow, redirectUri, { ...grant, discovery: wanted.discovery }, wanted.scopes)
      tell({ type: 'auth.required', server, url: again.url })
      return again
    })
  }

  return {
    credentials: () => createCredentials({ vault, renew, failed: failures.of, now }),
    isLoginWanted: () => login !== undefined,
    mayBeLoggedIn: (since) => login !== undefined || completedAt >= since,
    async lookForLogin(since) {
      return completedAt >= since || (looking ??= look().finally(() => (looking = undefined)))
    },
    login: bringOrJoin,
    async logout() {
      let revoked = false
      login = undefined
      await exchange(async (flow) => {
        const grant = await vault.reload()
        // It is forgotten here whatever the other side says of it, and the report tells.
        revoked = await revoke(flow, grant).catch(() => false)
        await vault.forget()
      }).catch((error: unknown) => {
        throw failures.of(error)
      })
      return { revoked }
    },
    mask: secrets.mask,
    close: () => closing.abort(new FlowError('it was ended, or configured anew')),
  }
}
