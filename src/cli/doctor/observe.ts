import { access, constants } from 'node:fs/promises'

import { version } from '../../version.js'
import { failureOf } from '../command-error.js'
import { controlFolder } from '../control/address.js'
import { type FoundInstance, listInstances } from '../control/find.js'
import type { Terminal } from '../terminal.js'
import { observeLaunchers } from './launchers.js'
import { observeLimits } from './limits.js'
import type { Observation } from './observation.js'
import { type SocketOwner, findSocketOwner } from './socket-owner.js'
import { observeState } from './state.js'

/** Looks at everything that servers and instances need of a machine. Starts launchers to ask their version, no server. */
export async function observeMachine({ env }: Terminal): Promise<readonly Observation[]> {
  const [launchers, instances, state, processes, limits, keyring] = await Promise.all([
    observeLaunchers(env),
    observeInstances(env),
    observeState(env),
    observeProcesses(),
    observeLimits(),
    observeKeyring(),
  ])
  return [observeNode(), ...launchers, ...instances, state, observeProxies(env), ...processes, ...limits, keyring]
}

function observeNode(): Observation {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const found = `${process.version}, mcpvisor ${version}, ${process.platform} ${process.arch}`
  if (major > 20 || (major === 20 && minor >= 19)) return { subject: 'node', is: 'ok', found }
  return { subject: 'node', is: 'problem', found, remedy: 'install Node 20.19 or newer' }
}

async function observeInstances(env: Terminal['env']): Promise<readonly Observation[]> {
  try {
    const found = await listInstances(env)
    const observations = await Promise.all(found.map(observeInstance))
    if (observations.length > 0) return observations
    return [{ subject: 'instance', is: 'ok', found: `none runs; sockets are in ${controlFolder(env)}` }]
  } catch (error) {
    const { message, hint } = failureOf(error)
    return [{ subject: 'instance', is: 'problem', found: message, ...(hint !== undefined && { remedy: hint }) }]
  }
}

async function observeInstance({ address, contact }: FoundInstance): Promise<Observation> {
  const subject = 'instance'
  if (contact.is === 'silent') return { subject, is: 'problem', ...silence(address, await findSocketOwner(address)) }
  if (contact.is === 'absent') {
    const what = `${address} is left of an instance that was killed`
    return { subject, is: 'note', found: what, remedy: `the next instance replaces it; or remove it` }
  }
  contact.client.close()
  const { command, pid, paths } = contact.client.greeting
  return { subject, is: 'ok', found: `mcpvisor ${command}, pid ${pid}, ${paths.join(', ')}` }
}

function silence(address: string, owner: SocketOwner | undefined): Pick<Observation, 'found' | 'remedy'> {
  const found = `${address} does not answer`
  if (!owner) return { found, remedy: `find who holds ${address} ("lsof ${address}") and end it` }
  const { pid, isStopped } = owner
  if (!isStopped) return { found: `${found}: pid ${pid} is busy or hangs`, remedy: `end it: "kill -9 ${pid}"` }
  return { found: `${found}: pid ${pid} is stopped`, remedy: `let it go on: "kill -CONT ${pid}"` }
}

function observeProxies(env: Terminal['env']): Observation {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()])
  const set = names.filter((name) => env[name])
  if (set.length === 0) return { subject: 'proxy', is: 'ok', found: 'none is set' }
  return {
    subject: 'proxy',
    is: 'note',
    found: `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set`,
    remedy: 'servers do not inherit them: name them in the "env" of those that need one',
  }
}

/** Descendants that leave the group of their server are found by `/proc`, and the guard is a `/bin/sh`. */
async function observeProcesses(): Promise<readonly Observation[]> {
  if (process.platform === 'win32') return []
  const canUse = (path: string, mode: number) =>
    access(path, mode).then(
      () => true,
      () => false,
    )
  const guard: Observation = (await canUse('/bin/sh', constants.X_OK))
    ? { subject: 'guard', is: 'ok', found: '/bin/sh ends servers when mcpvisor is killed' }
    : {
        subject: 'guard',
        is: 'problem',
        found: '/bin/sh cannot be started',
        remedy: 'without it servers outlive an instance that is killed',
      }
  if (process.platform !== 'linux') return [guard]
  const proc: Observation = (await canUse('/proc/self/environ', constants.R_OK))
    ? { subject: '/proc', is: 'ok', found: 'processes that leave their group can be found' }
    : { subject: '/proc', is: 'problem', found: 'it cannot be read', remedy: 'mount /proc' }
  return [guard, proc]
}

async function observeKeyring(): Promise<Observation> {
  const name = '@napi-rs/keyring'
  try {
    await import(name)
    return { subject: 'keyring', is: 'ok', found: `${name} is installed` }
  } catch {
    // An optional package: most have none.
    return { subject: 'keyring', is: 'ok', found: 'not installed; tokens are kept in files that only you can read' }
  }
}
