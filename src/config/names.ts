import { quoted } from './wording.js'

/** Names that mean something to JavaScript objects. Refused, so that no consumer of a configuration is surprised. */
const reservedNames = new Set(['__proto__', 'constructor', 'prototype'])

/** Why a server cannot have this name. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'The name of a server must not be empty'
  return reservedNames.has(name) ? `The name of a server must not be ${quoted(name)}` : undefined
}

/** A name as it is used where only `A-Z a-z 0-9 _ . - [ ]` are lawful, tool prefixes among them. */
export function sanitisedName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.\-[\]]/gu, (character) => {
    // A letter of another script keeps its identity: two names in it must not become the same row of underscores.
    const code = character.codePointAt(0) ?? 0
    return code < 128 ? '_' : `u${code.toString(16)}`
  })
}
