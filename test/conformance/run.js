/**
 * Runs the official conformance suite, every required scenario: as a server against the driver, as a client against `mcpvisor serve`. Writes what came of it to docs/conformance.md, and fails when a scenario does.
 *
 * The suite itself needs Node 22; ours runs on the Node at hand.
 */
import { writeFile } from 'node:fs/promises'

import { playInspector, playServer } from './gateway.js'
import { here, inOrder, play, requiredOf, revisions, rowOf, versionOfSuite } from './suite.js'

/** Each scenario has a server of its own, at a port of its own. */
async function playClient(only = '') {
  const target = ['--command', `${process.execPath} ${here('driver.js')}`]
  const required = await Promise.all(
    revisions.map(async (revision) =>
      (await requiredOf(revision, 'client')).map((scenario) => ({ revision, scenario })),
    ),
  )
  const wanted = required.flat().filter(({ scenario }) => scenario.startsWith(only))
  return inOrder(wanted, ({ revision, scenario }) => play('client', revision, scenario, target))
}

const only = process.argv[2]
const asClient = await playClient(only)
const asServer = await playServer(only)
const played = [...asClient, ...asServer]
for (const { side, revision, scenario, failure } of played) {
  console.log(`${failure === undefined ? 'passed' : 'FAILED'} ${side} ${revision} ${scenario}`)
  if (failure !== undefined) console.log(failure)
}
if (only === undefined) await writeFile(here('../../docs/conformance.md'), await page(await playInspector()))
if (played.length === 0 || played.some(({ failure }) => failure !== undefined)) process.exitCode = 1

async function page(inspected) {
  const head = `| revision | scenario | verdict | checks passed | warnings | failed |
|---|---|---|---|---|---|`
  return `# Conformance

What \`npm run conformance\` found: the official suite, \`@modelcontextprotocol/conformance\` ${await versionOfSuite()}. Nothing is listed as an expected failure.

## As a client

[A driver](../test/conformance/driver.js) on the public API: all client scenarios that the two revisions require, ${countOf(asClient, '2025-11-25')} of 2025-11-25 and ${countOf(asClient, '2026-07-28')} of 2026-07-28.

${head}
${asClient.map(rowOf).join('\n')}

## As a server

[The gateway](gateway.md), \`mcpvisor serve --plain\`, with [the server that the suite expects](../test/conformance/everything.js) behind it over stdio: all server scenarios that the two revisions require, ${countOf(asServer, '2025-11-25')} of 2025-11-25 and ${countOf(asServer, '2026-07-28')} of 2026-07-28. What the suite sees is what came through.

${head}
${asServer.map(rowOf).join('\n')}

## A client of others

The command line of \`@modelcontextprotocol/inspector\` lists the tools of the gateway and calls one:

| transport | tools | answer |
|---|---|---|
${inspected.map(({ transport, tools, said }) => `| ${transport} | ${tools} | ${said} |`).join('\n')}
`
}

function countOf(played, revision) {
  const of = played.filter((it) => it.revision === revision)
  return `${of.filter(({ failure }) => failure === undefined).length}/${of.length}`
}
