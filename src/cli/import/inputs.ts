import { type PlainObject, isObject } from '../plain-object.js'
import { mapTexts, objectAt } from './dialect.js'

/** A variable that takes the place of a question that another client asks. */
export interface Variable {
  readonly name: string
  readonly description?: string
}

export interface WithoutInputs {
  readonly entry: unknown
  /** To be set before the server is started. */
  readonly variables: readonly Variable[]
}

const pattern = /\$\{input:([A-Za-z0-9_.-]+)\}/g

/** Replaces `${input:id}` in the entries of a document by `${ID}`, with the default that the client would propose. */
export function createInputs(document: unknown): (entry: unknown) => WithoutInputs {
  const declared = new Map(declarationsOf(document).map((input) => [String(input['id']), input]))
  const names = new Map<string, string>()

  /** Two ids that would have one name keep apart. */
  function nameOf(id: string): string {
    const known = names.get(id)
    if (known !== undefined) return known
    const plain = id.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()
    const lawful = /^\d/.test(plain) ? `_${plain}` : plain
    const taken = [...names.values()]
    let name = lawful
    for (let count = 2; taken.includes(name); count++) name = `${lawful}_${count}`
    names.set(id, name)
    return name
  }

  return (entry) => {
    const variables = new Map<string, Variable>()
    const replaced = mapTexts(entry, (text) =>
      text.replace(pattern, (_, id: string) => {
        const { description, default: proposal } = declared.get(id) ?? {}
        const name = nameOf(id)
        const isOptional = typeof proposal === 'string' && proposal !== '' && !/[}$]/.test(proposal)
        if (!isOptional) variables.set(name, { name, ...(typeof description === 'string' && { description }) })
        return isOptional ? `\${${name}:-${proposal}}` : `\${${name}}`
      }),
    )
    return { entry: replaced, variables: [...variables.values()] }
  }
}

function declarationsOf(document: unknown): readonly PlainObject[] {
  if (!isObject(document)) return []
  const inputs = document['inputs'] ?? objectAt(document, 'mcp')['inputs']
  return Array.isArray(inputs) ? inputs.filter(isObject) : []
}
