/**
 * The official conformance suite. It refuses to be installed for Node 20, so it is no dependency: it is fetched beside the
 * other artefacts, and run by Node 22.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const run = promisify(execFile)
export const here = (path) => fileURLToPath(new URL(path, import.meta.url))
export const revisions = ['2025-11-25', '2026-07-28']

const suiteVersion = '0.2.0-alpha.12'
const suite = process.env.CONFORMANCE ?? (await installSuite())

/** The program, looked up once: `npx` takes longer than most scenarios. */
export const node22 = Number.parseInt(process.versions.node) >= 22 ? process.execPath : await findNode22()

async function findNode22() {
  const { stdout } = await run('npx', ['--yes', '--package', 'node@22.23.3', '--', 'node', '-p', 'process.execPath'])
  return stdout.trim()
}

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

export async function versionOfSuite() {
  return JSON.parse(await readFile(join(suite, 'package.json'), 'utf8')).version
}

/** The scenarios that a revision requires of a `client` or a `server`, in the order of the suite. */
export async function requiredOf(revision, side) {
  const text = await readFile(join(suite, 'requirements', `${revision}.yaml`), 'utf8')
  const [, list = ''] = text.match(new RegExp(`^${side}:\\n((?: +- .+\\n)+)`, 'm')) ?? []
  return list.match(/[^\s-].*/g) ?? []
}

/** Does the work for each, as many at a time as there are cores; what comes of it is in the order of the items. */
export async function inOrder(items, work) {
  const done = []
  const queue = items.entries()
  const lane = async () => {
    for (const [at, item] of queue) done[at] = await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return done
}

/** What the suite found in one scenario: how many checks came out how, and what went wrong. */
export async function play(side, revision, scenario, target) {
  const results = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    const options = [side, ...target, '--scenario', scenario, '--spec-version', revision, '-o', results]
    const failure = await run(node22, [join(suite, 'dist/index.js'), ...options]).then(
      () => undefined,
      (error) => `${error.stdout}\n${error.stderr}`,
    )
    return { side, revision, scenario, checks: await checksIn(results), failure }
  } finally {
    await rm(results, { recursive: true, force: true })
  }
}

async function checksIn(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('checks.json'))
  const checks = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))))
  return checks.flat().filter(({ status }) => status !== 'INFO')
}

export function rowOf({ revision, scenario, checks, failure }) {
  const count = (status) => checks.filter((check) => check.status === status).length
  const verdict = failure === undefined ? 'passed' : 'failed'
  return `| ${revision} | \`${scenario}\` | ${verdict} | ${count('SUCCESS')} | ${count('WARNING')} | ${count('FAILURE')} |`
}
