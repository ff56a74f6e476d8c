import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const [keyBytes, ivBytes, tagBytes] = [32, 12, 16]
const mark = 'mcpvisor-sealed-1:'

export const createSealKey = (): string => randomBytes(keyBytes).toString('base64')

export const isSealKey = (text: string | undefined): text is string =>
  text !== undefined && Buffer.from(text, 'base64').length === keyBytes

/** Encrypts a text so that only its key opens it, and only under its own name. */
export function seal(text: string, key: string, name: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, Buffer.from(key, 'base64'), iv).setAAD(Buffer.from(name))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return mark + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

/** Undefined for a text that is not sealed, or was by another key or under another name, or was changed since. */
export function unseal(text: string, key: string, name: string): string | undefined {
  if (!text.startsWith(mark)) return undefined
  const bytes = Buffer.from(text.slice(mark.length), 'base64')
  if (bytes.length < ivBytes + tagBytes) return undefined
  const [iv, sealed] = [bytes.subarray(0, ivBytes), bytes.subarray(ivBytes + tagBytes)]
  const options = { authTagLength: tagBytes }
  const decipher = createDecipheriv(algorithm, Buffer.from(key, 'base64'), iv, options)
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  const opened = decipher.update(sealed)
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8')
  } catch {
    return undefined // What it says is not what was sealed: the caller tells it.
  }
}
