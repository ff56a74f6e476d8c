/** The control socket of an instance, as any program can speak to it. */
import { readdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** The control folder of commands that run in this folder. */
export const controlFolderOf = (cwd: string) => join(cwd, 'runtime', 'mcpvisor')

export const socketsOf = (cwd: string) => readdirSync(controlFolderOf(cwd))

/** Connects to the only instance of a folder. */
export function talkTo(cwd: string) {
  const [name = ''] = socketsOf(cwd)
  const socket = createConnection(join(controlFolderOf(cwd), name))
  onTestFinished(() => void socket.destroy())
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  return {
    socket,
    say: (text: string) => void socket.write(`${text}\n`),
    hear: async () => JSON.parse((await lines.next()).value ?? 'null') as Record<string, never>,
  }
}
