/**
 * The thread in which answers are judged: the only place where a schema of a server is compiled or a pattern of it run.
 *
 * It says `ready` first. It takes `{ schema, content }`, two texts of JSON, or `{ schema, text, index }` with the message
 * instead, and tells `{}`, or `{ wrong }` in words. What costs too much is ended from outside. Plain JavaScript, because a
 * thread starts from a file as it is.
 */
import { parentPort } from 'node:worker_threads'

import { Ajv } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** Without a remote one: no `$ref` is ever fetched. Formats are annotations, as in JSON Schema itself. */
const options = {
  strict: false,
  logger: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
  ownProperties: true,
  verbose: true,
}

const dialects = [
  { uri: /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, Compiler: Ajv2020 },
  { uri: /^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, Compiler: Ajv2019 },
  { uri: /^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/, Compiler: Ajv },
]

const mostCompiled = 200
const mostCharacters = 4_000_000

/** What compiling came to, by the text of the schema; the one that was used last is last. */
const compiled = new Map()

function compile(text) {
  const { $schema, ...schema } = JSON.parse(text)
  const dialect = $schema === undefined ? dialects[0] : dialects.find(({ uri }) => uri.test($schema))
  if (!dialect) throw new Error(`"$schema" must name draft-07, 2019-09 or 2020-12, got ${JSON.stringify($schema)}`)
  // The compiler takes it for a function that answers later, and whatever it answers for true.
  if ('$async' in schema) throw new Error('"$async" is no keyword of JSON Schema')
  // One for each schema: what it calls itself is nothing to another.
  return new dialect.Compiler(options).compile(schema)
}

function compileSafely(text) {
  try {
    return { validate: compile(text) }
  } catch (error) {
    return { wrong: `its outputSchema cannot be used: ${reasonOf(error)}` }
  }
}

function find(text) {
  const known = compiled.get(text) ?? compileSafely(text)
  compiled.delete(text)
  compiled.set(text, known)
  let characters = 0
  for (const each of compiled.keys()) characters += each.length
  for (const oldest of compiled.keys()) {
    if (oldest === text || (compiled.size <= mostCompiled && characters <= mostCharacters)) break
    compiled.delete(oldest)
    characters -= oldest.length
  }
  return known
}

const reasonOf = (error) => (error instanceof Error ? error.message : String(error))

function typeOf(value) {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** What was found in place of what the keyword wants, where a word can say it without showing a value. */
function foundBy({ keyword, params, data }) {
  if (keyword === 'type') return `, got ${typeOf(data)}`
  const extra = params.additionalProperty ?? params.unevaluatedProperty
  return extra === undefined ? '' : `, got ${JSON.stringify(extra)}`
}

function contentOf({ content, text, index }) {
  if (content !== undefined) return JSON.parse(content)
  const message = JSON.parse(text)
  return (index === undefined ? message : message[index]).result.structuredContent
}

function judge(question) {
  const { validate, wrong } = find(question.schema)
  if (wrong !== undefined) return { wrong }
  if (validate(contentOf(question))) return {}
  const [error] = validate.errors
  const where = error.instancePath === '' ? '' : ` at ${JSON.stringify(error.instancePath)}`
  return { wrong: `its structured content${where} ${error.message}${foundBy(error)}` }
}

parentPort.on('message', (question) => {
  try {
    parentPort.postMessage(judge(question))
  } catch (error) {
    parentPort.postMessage({
      wrong: `its structured content cannot be judged: ${reasonOf(error)}`,
    })
  }
})
parentPort.postMessage('ready')
