import { afterEach, describe, expect, test, vi } from 'vitest'
import { childEnvironment } from '../../../src/actors/process/process-environment.js'

afterEach(() => vi.unstubAllEnvs())

describe.skipIf(process.platform === 'win32')('the environment of a child', () => {
  test('holds the safe part of ours, the entry and the mark, and nothing else', () => {
    vi.stubEnv('CANARY', 'secret')
    vi.stubEnv('HOME', '/home/me')
    const names = Object.keys(childEnvironment({ MINE: '1' }, 'mark')).sort()
    const allowed = ['HOME', 'LOGNAME', 'MCPVISOR_OWNER', 'MINE', 'PATH', 'SHELL', 'TERM', 'USER']
    expect(names.filter((name) => !allowed.includes(name))).toEqual([])
    expect(childEnvironment({}, 'mark')).toMatchObject({ HOME: '/home/me', MCPVISOR_OWNER: 'mark' })
  })

  test('lets the entry override, but not the mark', () => {
    expect(childEnvironment({ HOME: '/other', MCPVISOR_OWNER: 'forged' }, 'mark')).toMatchObject({
      HOME: '/other',
      MCPVISOR_OWNER: 'mark',
    })
  })

  test('leaves out functions of the shell', () => {
    vi.stubEnv('TERM', '() { :; }')
    expect(childEnvironment({}, 'mark')).not.toHaveProperty('TERM')
  })

  test('passes on the marks of a supervisor above', () => {
    vi.stubEnv('MCPVISOR_OWNER', 'above')
    expect(childEnvironment({}, 'mark')['MCPVISOR_OWNER']).toBe('mark above')
  })
})
