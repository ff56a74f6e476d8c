import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'

import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'
import { type PlainObject, isObject } from '../plain-object.js'
import { didYouMean } from '../suggest.js'

/** Larger than any argument that a server takes. */
const largestBytes = 10 * 1024 * 1024

/**
 * The arguments of a call: those of `--args`, and over them one for each word. `k=v` is read as the schema of the tool has
 * it, `k:=json` as JSON, `k=@file` is the text of a file.
 * @throws CommandError that names the argument, what it must be and what it is
 */
export async function readArguments(
  words: readonly string[],
  whole: string | undefined,
  schema: PlainObject,
): Promise<Record<string, unknown>> {
  const args = new Map(Object.entries(whole === undefined ? {} : await readWhole(whole)))
  for (const word of words) {
    const { name, operator, value } = /^(?<name>[^=]+?)(?<operator>:=|=)(?<value>[\s\S]*)$/.exec(word)?.groups ?? {}
    if (name === undefined || value === undefined) {
      throw usage(`"${word}" must be an argument: name=value, name:=json or name=@file`)
    }
    const property = propertyOf(schema, name)
    if (operator === ':=') args.set(name, parseJson(value, `"${name}"`))
    else if (value.startsWith('@')) args.set(name, coerced(await readText(value.slice(1)), property, name))
    else args.set(name, coerced(value, property, name))
  }
  return Object.fromEntries(args)
}

async function readWhole(source: string): Promise<object> {
  const text = source === '-' || source.startsWith('@') ? await readText(source.replace(/^@/, '')) : source
  const value = parseJson(text, '"--args"')
  if (isObject(value)) return value
  throw usage(`"--args" must be a JSON object, got ${Array.isArray(value) ? 'array' : typeof value}`)
}

/** `-` is stdin. */
async function readText(path: string): Promise<string> {
  try {
    const text = path === '-' ? await textOf(process.stdin) : await readFile(path, 'utf8')
    if (text.length <= largestBytes) return text
  } catch (error) {
    throw usage(`"${path}" could not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw usage(`"${path}" is larger than ${largestBytes} bytes`)
}

function propertyOf(schema: PlainObject, name: string): PlainObject {
  const { properties, additionalProperties } = schema
  if (!isObject(properties)) return {}
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined
  if (property === undefined && additionalProperties === false) {
    const names = Object.keys(properties)
    throw usage(`The tool has no argument "${name}"`, didYouMean(name, names) ?? `it has ${names.join(', ') || 'none'}`)
  }
  return isObject(property) ? property : {}
}

/** A word as the value that the schema asks for; a text when it may be one. */
function coerced(text: string, { type }: PlainObject, name: string): unknown {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
  if (types.length === 0 || types.includes('string')) return text
  if (types.includes('boolean') && /^(?:true|false)$/.test(text)) return text === 'true'
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text))
  if (types.includes('integer') && isNumber && Number.isInteger(Number(text))) return Number(text)
  if (types.includes('number') && isNumber) return Number(text)
  if (types.includes('null') && text === 'null') return null
  if (types.includes('object') || types.includes('array')) return parseJson(text, `"${name}"`)
  throw usage(`"${name}" must be ${types.join(' or ')}, got ${JSON.stringify(text)}`)
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usage(`${subject} must be JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const usage = (message: string, hint?: string) => new CommandError(exitCodes.usage, message, hint)
