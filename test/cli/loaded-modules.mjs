/**
 * For `node --import`: appends the address of each module that is loaded to the file that LOADED names. With SERVER, the SDK
 * is loaded once that file is there.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { register } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

const { LOADED, SERVER } = process.env

export async function load(url, context, next) {
  appendFileSync(LOADED, `${url}\n`)
  if (SERVER && url.includes('/@modelcontextprotocol/sdk/')) while (!existsSync(SERVER)) await setTimeout(5)
  return next(url, context)
}
