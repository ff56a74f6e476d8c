import type { Field, Fields } from './aliases.js'
import { checkKey } from './check-key.js'
import type { StdioEndpoint } from './entry.js'
import type { Tell } from './findings.js'
import { isObject, objectOf } from './plain-data.js'
import { asText, checkText, trimmed } from './texts.js'

/** Reads how to start a program. Undefined when an error was told. */
export function readStdio(fields: Fields, tell: Tell): StdioEndpoint | undefined {
  const program = readProgram(fields.get('command'), tell)
  const args = readArgs(fields.get('args'), tell)
  const env = readEnv(fields.get('env'), tell)
  const cwd = readPath('cwd', fields.get('cwd'), tell)
  if (!program || !args || !env || cwd === null) return undefined
  const [command, ...firstArgs] = program
  return { transport: 'stdio', command, args: [...firstArgs, ...args], env, ...(cwd !== undefined && { cwd }) }
}

function readProgram(field: Field | undefined, tell: Tell): [string, ...string[]] | undefined {
  if (!field || !checkKey('command', field, tell)) return undefined
  const { value, at } = field
  if (Array.isArray(value)) {
    tell('command-array', at, '"command" is an array: its first item is the program, the others are arguments')
  }
  const [written, ...args] = [value].flat().map(String)
  const command = trimmed(written ?? '', at, 'command', tell)
  if (command === '') {
    tell('bad-command', at, '"command" must be the name or path of a program, got an empty one')
    return undefined
  }
  for (const text of [command, ...args]) checkText(text, at, 'command', tell, 'program')
  if (/^[^\s/\\$]+\s/.test(command)) {
    tell('command-has-spaces', at, '"command" holds blanks and is not split at them', {
      hint: 'move the arguments to "args"',
    })
  }
  return [command, ...args]
}

function readArgs(field: Field | undefined, tell: Tell): string[] | undefined {
  if (!field) return []
  if (!checkKey('args', field, tell) || !Array.isArray(field.value)) return undefined
  return field.value.map((item: unknown, index) => {
    const at = [...field.at, index]
    const text = asText(item, at, `args[${index}]`, tell)
    checkText(text, at, `args[${index}]`, tell, 'program')
    return text
  })
}

/** Reads environment variables: a map, or a list of `NAME=value` and of names that are taken over. */
export function readEnv(field: Field | undefined, tell: Tell): Readonly<Record<string, string>> | undefined {
  if (!field) return {}
  if (!checkKey('env', field, tell)) return undefined
  const { value, at } = field
  if (Array.isArray(value)) {
    tell('env-array', at, '"env" is an array, which is read as an object')
    return readEnvMap(fromAssignments(value.map(String)), at, tell)
  }
  return isObject(value) ? readEnvMap(value, at, tell) : undefined
}

function readEnvMap(variables: Readonly<Record<string, unknown>>, base: Field['at'], tell: Tell) {
  const read = Object.entries(variables).flatMap(([name, value]): [string, string][] => {
    const at = [...base, name]
    const label = `env.${name}`
    if (value === null) {
      tell('env-null', at, `"${label}" is null: the variable is not set`)
      return []
    }
    const text = asText(value, at, label, tell)
    checkText(text, at, label, tell)
    return [[name, text]]
  })
  return objectOf(read)
}

function fromAssignments(lines: readonly string[]): Readonly<Record<string, string>> {
  const pairs = lines.map((line): [string, string] => {
    const end = line.indexOf('=')
    return end < 0 ? [line, `\${${line}:-}`] : [line.slice(0, end), line.slice(end + 1)]
  })
  return objectOf(pairs)
}

/** Reads a path. Undefined when there is none, null when an error was told. */
export function readPath(key: 'cwd' | 'envFile', field: Field | undefined, tell: Tell): string | undefined | null {
  if (!field) return undefined
  if (!checkKey(key, field, tell)) return null
  const path = trimmed(String(field.value), field.at, key, tell)
  checkText(path, field.at, key, tell)
  return path
}
