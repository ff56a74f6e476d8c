import type { HeldDefinition } from '../catalogs/catalog.js'
import type { ToolPins } from '../catalogs/tool-pins.js'
import type { Servers } from './servers.js'

/** The tools of a server that wait for approval; none for one that does not pin its tools. */
export type HeldTools = (name: string) => readonly HeldDefinition[]

export interface HeldToolsPorts {
  readonly servers: Pick<Servers, 'entry'>
  readonly pins: Pick<ToolPins, 'held'>
}

export function createHeldTools({ servers, pins }: HeldToolsPorts): HeldTools {
  return (name) => {
    const entry = servers.entry(name)
    return entry ? pins.held({ name, entry }) : []
  }
}
