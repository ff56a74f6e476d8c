import { createInterface } from 'node:readline/promises'

import { CommandError } from '../command-error.js'
import { withOneServer } from '../login/one-server.js'
import { openBrowser } from '../login/open-browser.js'
import { tellInstance } from '../login/tell-instance.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type ConfigOptions, type OutputOptions, type TokenStoreOptions, wantsJson } from '../options.js'
import { plainText } from '../plain-text.js'
import type { Output, Terminal } from '../terminal.js'

export interface AuthOptions extends ConfigOptions, OutputOptions, TokenStoreOptions {
  /** `false` for `--no-browser`. */
  readonly browser: boolean
  /** For the person. */
  readonly timeout: number
}

/**
 * `mcpvisor auth`: logs in at a server that asks for it, and keeps the tokens. The address is always printed; a browser is
 * opened on a terminal alone. The address that the login ended at may be pasted, for a browser on another machine.
 */
export async function auth(server: string, options: AuthOptions, terminal: Terminal): Promise<ExitCode> {
  const { browser, timeout } = options
  const { err, out, isInteractive, gone, env } = terminal
  let isLogin = false

  async function open(url: string, { signal }: { readonly signal: AbortSignal }): Promise<string | undefined> {
    isLogin = true
    err.line(`Log in to ${plainText(server)} at`)
    err.line(plainText(url))
    if (isInteractive && browser)
      openBrowser(url, () => err.line('No browser could be opened: open the address yourself.'))
    err.line('If the browser cannot come back to this machine, paste the address that it ended at:')
    return pastedAddress(signal, err)
  }

  await withOneServer(server, options, terminal, async (supervisor) => {
    let unsaved: string | undefined
    supervisor.on('auth.unsaved', ({ message }) => (unsaved = message))
    await supervisor.authorize(server, { open, timeoutMs: timeout, signal: gone })
    // A login that no other command finds is none.
    if (unsaved !== undefined) throw new CommandError(exitCodes.unexpected, unsaved, undefined, { server })
    const { tools } = supervisor.status(server)
    const how = isLogin ? 'logged in' : 'needed no login'
    if (wantsJson(options, env))
      out.line(JSON.stringify({ server, loggedIn: isLogin, ...(tools !== undefined && { tools }) }))
    else out.line(`${plainText(server)}: ${how}${tools === undefined ? '' : `, ${tools} tools`}`)
  })
  await tellInstance('login', server, options, terminal)
  return exitCodes.ok
}

/** The first line of stdin that is an address; undefined when it ends without one, or is waited for no longer. */
async function pastedAddress(signal: AbortSignal, err: Output): Promise<string | undefined> {
  const reading = createInterface({ input: process.stdin })
  const stop = () => reading.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const line of reading) {
      if (URL.canParse(line.trim())) return line
      if (line.trim() !== '') err.line('That is no address: paste all of it, from http to the end.')
    }
    return undefined
  } finally {
    signal.removeEventListener('abort', stop)
    reading.close()
    process.stdin.unref?.()
  }
}
