import type { Era } from '../config/entry.js'

/** Which era each server turned out to speak, for as long as its configuration stays what it was. */
export interface EraMemory {
  of(server: string, digest: string): { learnt(): Era | undefined; learn(era: Era | undefined): void }
}

export function createEraMemory(): EraMemory {
  const servers = new Map<string, { readonly digest: string; readonly era: Era }>()
  return {
    of: (server, digest) => ({
      learnt() {
        const known = servers.get(server)
        return known?.digest === digest ? known.era : undefined
      },
      learn(era) {
        if (era) servers.set(server, { digest, era })
        else if (servers.get(server)?.digest === digest) servers.delete(server)
      },
    }),
  }
}
