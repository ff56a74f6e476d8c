/**
 * The process that reaches the keyring, for one access: a keyring may wait for a person who does not come, and holds a
 * thread of whoever asks it until then. This process can be ended, a thread cannot.
 *
 * It takes `{ action, service, name, secret? }` as a line on stdin and writes `{ value }` or `{ error: { code, message } }`.
 * Plain JavaScript, because a process starts from a file as it is.
 */
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })
// Whoever asked is gone.
lines.once('close', () => process.kill(process.pid, 'SIGKILL'))
lines.once('line', (line) => {
  access(JSON.parse(line)).then(
    (value) => answer({ value }),
    ({ code, message }) => answer({ error: { code, message } }),
  )
})

async function access({ action, service, name, secret }) {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  // Left to itself it would take that of the kernel, which forgets everything when the machine is turned off.
  const entry = new AsyncEntry(service, name, { linux: { store: 'secret-service' } })
  if (action === 'get') return entry.getPassword()
  if (action === 'set') return entry.setPassword(secret)
  return entry.deletePassword()
}

function answer(said) {
  process.stdout.write(JSON.stringify(said), () => {
    lines.removeAllListeners('close')
    lines.close()
    process.stdin.destroy()
  })
}
