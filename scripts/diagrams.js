/** Redraws the statecharts of docs/architecture.md from the machines themselves: `npm run diagrams`. */
import { readFile, writeFile } from 'node:fs/promises'

import { createServerMachine, createSupervisorMachine, toMermaid } from 'mcpvisor/machines'
import { fromCallback } from 'xstate'

const file = new URL('../docs/architecture.md', import.meta.url)
const nothing = () => {}
const inert = fromCallback(nothing)
const server = createServerMachine({
  now: () => 0,
  random: () => 0,
  announce: nothing,
  refuse: nothing,
  prepare: inert,
  connection: inert,
})
const charts = [server, createSupervisorMachine({ server, crashed: nothing })].map(toMermaid)

const text = await readFile(file, 'utf8')
const drawn = text.replaceAll(/```mermaid\n[^`]*```/g, () => `\`\`\`mermaid\n${charts.shift()}\n\`\`\``)
await writeFile(file, drawn)
