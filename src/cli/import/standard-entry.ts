import { isDeepStrictEqual } from 'node:util'

import { type Endpoint, type ServerEntry, defaultPolicy } from '../../config/index.js'
import type { PlainObject } from '../plain-object.js'

/** An entry as every client of the standard reads it, what is ours in `supervisor`. */
export function standardEntry(entry: ServerEntry): PlainObject {
  const { endpoint, description, disabled, envFile, includeTools, excludeTools, oauth, protocolEra, policy } = entry
  const usual: PlainObject = { ...defaultPolicy }
  const supervisor = Object.fromEntries(
    Object.entries(policy).filter(([key, value]) => !isDeepStrictEqual(value, usual[key])),
  )
  return {
    ...reachOf(endpoint, entry.variables),
    ...(envFile !== undefined && { envFile }),
    ...(oauth !== undefined && { oauth }),
    ...(disabled && { disabled }),
    ...(includeTools && { includeTools }),
    ...(excludeTools && { excludeTools }),
    ...(protocolEra && { protocolEra }),
    ...(description !== undefined && { description }),
    ...(Object.keys(supervisor).length > 0 && { supervisor }),
  }
}

function reachOf(endpoint: Endpoint, variables: ServerEntry['variables'] = {}): PlainObject {
  if (endpoint.transport === 'stdio') {
    const { command, args, env, cwd } = endpoint
    return { command, ...(args.length > 0 && { args }), ...filled('env', env), ...(cwd !== undefined && { cwd }) }
  }
  const { transport, url, headers } = endpoint
  return {
    // Without a type both forms are tried.
    ...(transport !== 'auto' && { type: transport }),
    url,
    ...filled('headers', headers),
    ...filled('env', variables),
  }
}

const filled = (key: string, values: Readonly<Record<string, string>>) =>
  Object.keys(values).length > 0 ? { [key]: values } : {}

const placeholder = /\$\{[^}]*\}/g

/** Whether an entry may hold a secret: a value that is written out where secrets are put. */
export function holdsSecret({ endpoint, variables = {}, oauth }: ServerEntry): boolean {
  const isStdio = endpoint.transport === 'stdio'
  const values = Object.values(isStdio ? endpoint.env : { ...endpoint.headers, ...variables })
  const words = isStdio ? endpoint.args : [endpoint.url]
  const isWritten = (text: string): boolean => !/^(?:bearer|basic|token)?$/i.test(text.replace(placeholder, '').trim())
  return (
    values.some(isWritten) ||
    words.some((word) => /key|token|secret|passw|bearer|auth|:\/\/[^/]*@|\?./i.test(word)) ||
    (Boolean(oauth) && /secret|privateKey/i.test(JSON.stringify(oauth)))
  )
}
