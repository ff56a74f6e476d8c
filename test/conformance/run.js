/**
 * Runs the official conformance suite against the driver, every required client scenario that is not about authorization,
 * and writes what came of it to docs/conformance.md. Fails when a scenario does.
 *
 * The suite itself needs Node 22; the driver runs on the Node at hand.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const suiteVersion = '0.2.0-alpha.12'
const suite = process.env.CONFORMANCE ?? (await installSuite())
const revisions = ['2025-11-25', '2026-07-28']

const node22 =
  Number.parseInt(process.versions.node) >= 22
    ? [process.execPath]
    : ['npx', '--yes', '--package', 'node@22.23.3', '--', 'node']

/** The suite refuses to be installed for Node 20, so it is no dependency: it is fetched beside the other artefacts. */
async function installSuite() {
  const folder = here('../../.artifacts/conformance')
  const name = '@modelcontextprotocol/conformance'
  const installed = join(folder, 'node_modules', name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--engine-strict=false', `${name}@${suiteVersion}`], {
    cwd: folder,
  })
  return installed
}

/** The client scenarios that a revision requires, in the order of the suite. */
async function requiredOf(revision) {
  const text = await readFile(join(suite, 'requirements', `${revision}.yaml`), 'utf8')
  const [, list = ''] = text.match(/^client:\n((?: +- .+\n)+)/m) ?? []
  return list.match(/[^\s-].*/g) ?? []
}

/** What the suite found in one scenario: how many checks came out how, and what went wrong. */
async function play(revision, scenario) {
  const results = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    const driver = `${process.execPath} ${here('driver.js')}`
    const options = ['client', '--command', driver, '--scenario', scenario, '--spec-version', revision, '-o', results]
    const [program, ...args] = [...node22, join(suite, 'dist/index.js'), ...options]
    const failure = await run(program, args).then(
      () => undefined,
      (error) => `${error.stdout}\n${error.stderr}`,
    )
    return { revision, scenario, checks: await checksIn(results), failure }
  } finally {
    await rm(results, { recursive: true, force: true })
  }
}

async function checksIn(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('checks.json'))
  const checks = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))))
  return checks.flat().filter(({ status }) => status !== 'INFO')
}

function rowOf({ revision, scenario, checks, failure }) {
  const count = (status) => checks.filter((check) => check.status === status).length
  const verdict = failure === undefined ? 'passed' : 'failed'
  return `| ${revision} | \`${scenario}\` | ${verdict} | ${count('SUCCESS')} | ${count('WARNING')} | ${count('FAILURE')} |`
}

const only = process.argv[2]
const played = []
for (const revision of revisions) {
  const required = (await requiredOf(revision)).filter((scenario) => !scenario.startsWith('auth/'))
  for (const scenario of required) {
    if (only === undefined || scenario === only) played.push(await play(revision, scenario))
  }
}

const { version } = JSON.parse(await readFile(join(suite, 'package.json'), 'utf8'))
const page = `# Conformance

What \`npm run conformance\` found: the official suite, \`@modelcontextprotocol/conformance\` ${version}, in client mode against [a driver](../test/conformance/driver.js) on the public API. These are all client scenarios that the two revisions require, but those about authorization. Nothing is listed as an expected failure.

| revision | scenario | verdict | checks passed | warnings | failed |
|---|---|---|---|---|---|
${played.map(rowOf).join('\n')}
`
for (const { revision, scenario, failure } of played) {
  console.log(`${failure === undefined ? 'passed' : 'FAILED'} ${revision} ${scenario}`)
  if (failure !== undefined) console.log(failure)
}
if (only === undefined) await writeFile(here('../../docs/conformance.md'), page)
if (played.length === 0 || played.some(({ failure }) => failure !== undefined)) process.exitCode = 1
