import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import * as gateway from '../src/gateway/index.js'
import * as machines from '../src/machines/index.js'
import * as mcpvisor from '../src/index.js'
import * as otel from '../src/otel/index.js'

describe('the public surface', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(mcpvisor).toSorted()).toEqual([
      'SupervisorError',
      'createFileCatalogStore',
      'createFileTokenStore',
      'createKeyringTokenStore',
      'createSupervisor',
      'errorCodes',
      'killAll',
      'traceContextOf',
      'urlElicitationsOf',
      'version',
    ])
  })

  it('exports the machines under a path of their own', () => {
    expect(Object.keys(machines).toSorted()).toEqual([
      'arrowsOf',
      'backoffMs',
      'cooldownMs',
      'createServerMachine',
      'createSupervisorMachine',
      'flatState',
      'intensityExceeded',
      'recordRestart',
      'toMermaid',
    ])
  })

  it('exports the gateway under a path of its own', () => {
    expect(Object.keys(gateway).toSorted()).toEqual(['createGateway', 'relayedHandlers'])
  })

  it('exports telemetry under a path of its own', () => {
    expect(Object.keys(otel).toSorted()).toEqual(['createTelemetry', 'flushTelemetry'])
  })

  it('tells the version of the package', async () => {
    const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(mcpvisor.version).toBe(manifest.version)
  })

  it('starts nothing and listens to nothing when it is imported', async () => {
    const probe = `await import('mcpvisor')
      console.log(JSON.stringify({ resources: process.getActiveResourcesInfo(), events: process.eventNames() }))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', probe])
    const { resources, events } = JSON.parse(stdout) as { resources: string[]; events: string[] }
    expect(resources.filter((resource) => /Timeout|Process|TCP|FSEvent|Signal/.test(resource))).toEqual([])
    expect(events.filter((name) => name.startsWith('SIG'))).toEqual([])
  })
})
