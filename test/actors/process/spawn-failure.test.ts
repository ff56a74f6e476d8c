import { expect, test } from 'vitest'
import { spawnFailure } from '../../../src/actors/process/spawn-failure.js'
import type { StdioEndpoint } from '../../../src/config/entry.js'

const endpoint: StdioEndpoint = { transport: 'stdio', command: 'tool', args: [], env: { KEY: 'secret' } }

function errorOf(code: string): Error {
  return Object.assign(new Error('spawn failed, KEY=secret'), { code })
}

test.each(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])('P05 P06 a shortage of the system is retryable: %s', (code) => {
  expect(spawnFailure('a', endpoint, errorOf(code))).toMatchObject({ code: 'SPAWN_FAILED', retryable: true })
})

test.each([
  ['ENOENT', '"command" must be a program on the PATH or a path to one, got "tool"'],
  ['EACCES', '"command" must be executable, got "tool"'],
  ['E2BIG', '"args" and "env" must fit the limit of the system'],
  ['ERR_INVALID_ARG_VALUE', '"command", "args", "env" and "cwd" must not hold a NUL character'],
])('%s is permanent and says what to correct, without values of the environment', (code, text) => {
  const failure = spawnFailure('a', endpoint, errorOf(code))
  expect(failure).toMatchObject({ retryable: false, server: 'a', phase: 'spawn', delivered: 'no' })
  expect(failure.message).toContain(`Server "a": ${text}`)
  expect(JSON.stringify(failure)).not.toContain('secret')
})

test.each([
  ['does not exist', '/no/such/folder'],
  ['is a file', import.meta.filename],
])('names the cwd when it %s, not the command', (_, cwd) => {
  const { message } = spawnFailure('a', { ...endpoint, cwd }, errorOf('ENOENT'))
  expect(message).toContain(`"cwd" must be a directory, got ${JSON.stringify(cwd)}`)
})
