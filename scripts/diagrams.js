/**
 * Redraws the diagrams in docs/: the statecharts from the machines themselves, the stories from real runs.
 * `npm run diagrams` writes them; `npm run diagrams -- --check` says which are not current.
 */
import { readFile, writeFile } from 'node:fs/promises'

import { createServerMachine, createSupervisorMachine, toMermaid } from 'mcpvisor/machines'
import { fromCallback } from 'xstate'
import { stories } from './stories.js'

const inDocs = (name) => new URL(`../docs/${name}`, import.meta.url)
const fenced = (diagram) => `\`\`\`mermaid\n${diagram}\n\`\`\``

async function architecture(text) {
  const nothing = () => {}
  const inert = fromCallback(nothing)
  const ports = { now: () => 0, random: () => 0, announce: nothing, refuse: nothing, prepare: inert, connection: inert }
  const server = createServerMachine(ports)
  const charts = [server, createSupervisorMachine({ server, crashed: nothing })].map(toMermaid)
  return text.replaceAll(/```mermaid\n[^`]*```/g, () => fenced(charts.shift()))
}

async function told(text) {
  const [head] = text.split('\n## ')
  const sections = []
  for (const [title, { about, run }] of Object.entries(stories)) {
    sections.push(`## ${title}\n\n${about}\n\n${fenced(await run())}\n`)
  }
  return [`${head.trimEnd()}\n`, ...sections].join('\n')
}

const stale = []
for (const [name, draw] of Object.entries({ 'architecture.md': architecture, 'stories.md': told })) {
  const text = await readFile(inDocs(name), 'utf8')
  const drawn = await draw(text)
  if (drawn === text) continue
  stale.push(name)
  if (!process.argv.includes('--check')) await writeFile(inDocs(name), drawn)
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Not current, run "npm run diagrams": ${stale.map((name) => `docs/${name}`).join(', ')}`)
  process.exitCode = 1
}
