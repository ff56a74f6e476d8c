import { spawnSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { lastWords } from '../../../src/actors/stdio/last-words.js'

test.each([
  ['the last line', 'starting\nAPI_KEY is required\n', 'API_KEY is required'],
  ['nothing when nothing was said', '', ''],
  ['the error of Python', 'Traceback (most recent call last):\n  File "x"\nKeyError: \'TOKEN\'', "KeyError: 'TOKEN'"],
  [
    'what npm complains of, not where its log is',
    'npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/x\nnpm error 404\nnpm error A complete log of this run can be found in: /x.log',
    'npm error 404 Not Found - GET https://registry.npmjs.org/x',
  ],
  ['the version of Node when there is nothing else', 'Node.js v20.19.0', 'Node.js v20.19.0'],
])('quotes %s', (_, stderr, words) => {
  expect(lastWords(stderr)).toBe(words)
})

test.each([
  ['a script that is not there', ['no-such-script.mjs'], /^Error: Cannot find module '.*no-such-script\.mjs'$/],
  ['an error', ['-e', 'console.error("Error: harmless"); throw new TypeError("no key")'], /^TypeError: no key$/],
])('quotes what Node says of %s, not its version below the stack', (_, args, words) => {
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(lastWords(stderr)).toMatch(words)
})
