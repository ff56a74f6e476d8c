import { readFile, readdir, readlink } from 'node:fs/promises'

/** A process that holds a socket. */
export interface SocketOwner {
  readonly pid: number
  /** By SIGSTOP or a debugger: it answers nobody. */
  readonly isStopped: boolean
}

/** Who listens at a socket. Undefined when it is nobody's of this user, or the system does not tell, as only Linux does. */
export async function findSocketOwner(address: string): Promise<SocketOwner | undefined> {
  const inode = listeningInode(await readOrNothing('/proc/net/unix'), address)
  if (inode === undefined) return undefined
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (pid > 0 && (await holds(pid, `socket:[${inode}]`))) return { pid, isStopped: await isStopped(pid) }
  }
  return undefined
}

/** Of a line `num references protocol flags type state inode path`; what listens has the flag 00010000. */
function listeningInode(table: string, address: string): string | undefined {
  const line = table.split('\n').find((one) => one.endsWith(` ${address}`) && one.split(/ +/)[3] === '00010000')
  return line?.split(/ +/)[6]
}

async function holds(pid: number, link: string): Promise<boolean> {
  // What has ended meanwhile or belongs to somebody else is not it.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(descriptors.map((of) => readlink(`/proc/${pid}/fd/${of}`).catch(() => '')))
  return links.includes(link)
}

/** The state stands behind the name, which may hold anything. */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await readOrNothing(`/proc/${pid}/stat`)
  return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2))
}

const readOrNothing = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
