import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'

import { controlFolder } from './address.js'
import { contact } from './client.js'

/** Takes away the sockets of those of the many over the files of this address that were killed: nobody takes their place. */
export async function sweep(address: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (process.platform === 'win32') return
  const folder = controlFolder(env)
  const beginning = basename(address, 'sock')
  const dead = readdirSync(folder).filter((name) => name.startsWith(beginning) && isOfNobody(name))
  await Promise.all(
    dead.map(async (name) => {
      const left = join(folder, name)
      const found = await contact(left)
      // It may live where its number is another, as in a container.
      if (found.is === 'absent') rmSync(left, { force: true })
      else if (found.is === 'alive') found.client.close()
    }),
  )
}

/** Of `<files>.<pid>.sock`, whether that process is gone. */
function isOfNobody(name: string): boolean {
  const [, pid] = /^\w+\.(\d+)\.sock$/.exec(name) ?? []
  if (pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
