import type { ServerEntry } from './entry.js'
export const digestEntry = (e: unknown): string => JSON.stringify(e)
export const digestUnresolved = (e: ServerEntry): string => JSON.stringify(e)
