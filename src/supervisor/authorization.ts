export interface AuthorizeOptions {
  /**
   * Brings a person to the address: opens a browser, or shows it. When it resolves with a text, that is the address the
   * login ended at, for a person whose browser is on another machine. Left out, the person finds it in `auth.required`.
   */
  readonly open?: (url: string, options: { readonly signal: AbortSignal }) => OpenedLogin | Promise<OpenedLogin>
  /** Milliseconds to wait for the person. Default: 300000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export type OpenedLogin = string | void | undefined

export interface LogoutReport {
  /** Whether the authorization server was told that the tokens are used no more. */
  readonly revoked: boolean
}

/** What is known of authorization outside: who waits for a person, and how to bring one. */
export interface AuthorizationPort {
  isLoginWanted(server: string): boolean
  /** Whether somebody may have logged in since that time, so that it is worth to look. */
  mayBeLoggedIn(server: string, since: number): boolean
  /** Looks whether somebody has logged in since, here or elsewhere: then the server may be connected again. */
  lookForLogin(server: string, since: number): Promise<boolean>
  login(server: string, options: AuthorizeOptions & { readonly timeoutMs: number }): Promise<void>
  logout(server: string): Promise<LogoutReport>
}
