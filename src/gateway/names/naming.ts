import { type ExposedNames, type NameForm, exposeNames } from './exposed-names.js'

/** How the things of many servers are named as those of one, and back. */
export interface Naming {
  /** Whether what the server has is shown under any name. */
  shows(server: string): boolean
  /** Servers that are not, for another has the name that would be theirs. */
  readonly refused: ExposedNames['refused']
  /** The names of the tools, or of the prompts, of one server. */
  namesOf(server: string, originals: Iterable<string>): ExposedNames
  /** The server that a name belongs to, by its prefix. */
  serverOf(exposed: string): string | undefined
  /** What follows the prefix: the name itself, where that is lawful. */
  innerOf(exposed: string): string
  /** The address of a resource, or the template of addresses. */
  exposedUri(server: string, uri: string): string
  /** The server and the address that an exposed one stands for. */
  resource(exposed: string): { readonly server: string; readonly uri: string } | undefined
}

const separator = '__'
const uriScheme = 'mcpvisor:'
/** What most models take as the name of a tool. */
const longestName = 64

/** Without `__`, and with no `_` at its ends: where a prefix ends can be seen from the name alone. */
const prefixForm: NameForm = {
  lawful: /^[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*$/,
  longest: 32,
  made: (name) => sanitised(name).replace(/_+/g, '_').replace(/^_|_$/g, ''),
}

/**
 * `server__tool`, and `mcpvisor:server/uri` for resources. The first `__` of a name ends its prefix, so names of two
 * servers are never the same, whatever the servers call their tools. All servers are named at once, from the configuration:
 * which of them runs, and since when, changes no name.
 */
export function createPrefixNaming(servers: Iterable<string>): Naming {
  const prefixes = exposeNames(servers, prefixForm)
  const prefixOf = (server: string): string => prefixes.exposed(server) ?? ''

  return {
    shows: (server) => prefixes.exposed(server) !== undefined,
    refused: prefixes.refused,
    namesOf(server, originals) {
      const prefix = `${prefixOf(server)}${separator}`
      const longest = longestName - prefix.length
      const inner = exposeNames(originals, { lawful: /^[A-Za-z0-9_-]+$/, longest, made: sanitised })
      return {
        exposed(original) {
          const name = inner.exposed(original)
          return name === undefined ? undefined : `${prefix}${name}`
        },
        original: (exposed) => (exposed.startsWith(prefix) ? inner.original(exposed.slice(prefix.length)) : undefined),
        refused: inner.refused,
      }
    },
    serverOf(exposed) {
      const end = exposed.indexOf(separator)
      return end < 0 ? undefined : prefixes.original(exposed.slice(0, end))
    },
    innerOf: (exposed) => exposed.slice(exposed.indexOf(separator) + separator.length),
    exposedUri: (server, uri) => `${uriScheme}${prefixOf(server)}/${uri}`,
    resource(exposed) {
      const end = exposed.indexOf('/')
      if (!exposed.startsWith(uriScheme) || end < 0) return undefined
      const server = prefixes.original(exposed.slice(uriScheme.length, end))
      return server === undefined ? undefined : { server, uri: exposed.slice(end + 1) }
    },
  }
}

/** Everything of the one server under the name that it has there. */
export function createPlainNaming(server: string): Naming {
  return {
    shows: (other) => other === server,
    refused: [],
    namesOf: () => ({ exposed: (name) => name, original: (name) => name, refused: [] }),
    serverOf: () => server,
    innerOf: (exposed) => exposed,
    exposedUri: (_, uri) => uri,
    resource: (uri) => ({ server, uri }),
  }
}

function sanitised(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/gu, '_')
}
