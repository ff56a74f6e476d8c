import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { type Policy, type Tool, createFileCatalogStore } from '../../src/index.js'
import { stdioServer } from './fixture-servers.js'

export const tool = (name: string, description = `Answers ${name}.`): Tool => ({
  name,
  description,
  inputSchema: { type: 'object' },
})
const announce = tool('announce')

/** A server that pins its tools and lists those that it is given; `change` gives it others, `tell` lets it say so. */
export function pinned(tools: readonly Tool[] = [tool('read'), tool('write'), announce], policy: Partial<Policy> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pinning-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'tools.json')
  const change = (...next: readonly Tool[]) => writeFileSync(path, JSON.stringify([...next, announce]))
  writeFileSync(path, JSON.stringify(tools))
  const server = stdioServer({ tools: { mode: 'file', path } }, { tools: 'pin', ...policy })
  return { server, change, store: createFileCatalogStore(join(folder, 'store')) }
}
