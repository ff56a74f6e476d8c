/**
 * Redraws the diagrams in docs/ and of the live page: the statecharts from the machines themselves, the stories from
 * real runs.
 * `npm run diagrams` writes them; `npm run diagrams -- --check` says which are not current.
 */
import { readFile, writeFile } from 'node:fs/promises'

import { createServerMachine, createSupervisorMachine, toMermaid } from 'mcpvisor/machines'
import { fromCallback } from 'xstate'
import { toSvg } from './statechart.js'
import { stories } from './stories.js'

const fenced = (diagram) => `\`\`\`mermaid\n${diagram}\n\`\`\``

const nothing = () => {}
const inert = fromCallback(nothing)
const ports = { now: () => 0, random: () => 0, announce: nothing, refuse: nothing, prepare: inert, connection: inert }
const server = createServerMachine(ports)
const supervisor = createSupervisorMachine({ server, crashed: nothing })

function architecture(text) {
  const charts = [server, supervisor].map(toMermaid)
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

const drawings = {
  'docs/architecture.md': architecture,
  'docs/stories.md': told,
  'src/inspect/page/charts/server.svg': () => toSvg(server, 'Statechart of the server'),
}

const isCheck = process.argv.includes('--check')
const stale = []
for (const [path, draw] of Object.entries(drawings)) {
  const file = new URL(`../${path}`, import.meta.url)
  const text = await readFile(file, 'utf8').catch(() => '')
  const drawn = await draw(text)
  if (drawn === text) continue
  stale.push(path)
  if (!isCheck) await writeFile(file, drawn)
}
if (isCheck && stale.length > 0) {
  console.error(`Not current, run "npm run diagrams": ${stale.join(', ')}`)
  process.exitCode = 1
}
