import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const cycles = 80

/** A short soak: what grows with each cycle of connect, call, crash, reload and close. */
export async function soak() {
  const path = fileURLToPath(new URL('../../soak/soak.js', import.meta.url))
  const child = spawn(process.execPath, [path, String(cycles), '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const watched = JSON.parse(await text(child.stdout))
  const broken = watched.slice(1).filter(({ ok }) => !ok).map(({ what, measured }) => `${what}: ${measured}`)
  return {
    id: 'T19',
    what: 'soak in short: heap growth a cycle, everything else back where it was',
    target: '95 % interval <= 1 KiB',
    measured: `${watched[0].measured} in ${cycles} cycles, ${broken.length > 0 ? broken.join('; ') : 'all else equal'}`,
    ok: watched.every(({ ok }) => ok),
  }
}
