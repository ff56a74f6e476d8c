import { spawn } from 'node:child_process'

/** Programs that show one address. None of them is a shell, and the address is one argument. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Opens a web address in the browser; tells when there is none. It outlives us. */
export function openBrowser(url: string, failed: () => void): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true, shell: false })
  child.on('error', failed)
  // It found no browser, or none that would start.
  child.on('exit', (code) => {
    if (code !== null && code !== 0) failed()
  })
  child.unref()
}
