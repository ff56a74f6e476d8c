/** Entries with a canary wherever an entry can hold a secret. */
import type { SupervisorOptions } from '../../src/index.js'
import { betrayal, canaries } from './fault-canaries.js'
import { type StdioServer, httpServer } from './fixture-servers.js'

const { env, envQuotes, envLines, argument, input, variable, token } = canaries
const { header, bearer, userinfo, query, oauth } = canaries

/** What the placeholders of the entries stand for. */
export const given: SupervisorOptions = { env: { VARIABLE: variable, ARGUMENT: argument }, inputs: () => input }

export const secretHeaders = { 'X-Key': header }

export const secretEnv = {
  A: env,
  B: envQuotes,
  C: envLines,
  D: '${VARIABLE}',
  E: token,
  F: header,
  G: bearer,
  H: userinfo,
  I: query,
  J: oauth,
}

export const withSecrets = ({ entry }: StdioServer) => ({
  ...entry,
  args: [...(entry.args ?? []), '--key', argument, '--asked', '${input:key}', '--given', '${ARGUMENT}'],
  env: { ...entry.env, ...secretEnv },
})

export function secretUrl(text: string): string {
  const url = new URL(text)
  url.username = 'user'
  url.password = userinfo
  url.search = `?key=${query}`
  return url.href
}

/** A remote server that answers every call of `echo` with what it was given in secret. */
export async function secretWeb() {
  const { entry } = await httpServer(
    { echo: { do: 'status', status: 500, body: betrayal } },
    {},
    { ...secretHeaders, Authorization: `Bearer ${bearer}` },
  )
  return { ...entry, url: secretUrl(entry.url ?? ''), oauth: { clientId: 'public', clientSecret: oauth } }
}
