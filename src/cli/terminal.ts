import { isatty } from 'node:tty'

import pc from 'picocolors'

export type Colors = ReturnType<typeof pc.createColors>

/** One of the two output streams, with the colours that suit it. */
export interface Output {
  readonly colors: Colors
  /** Writes a text and the end of the line. Does nothing once the reader is gone. */
  line(text: string): void
  /** Writes a text as it is, and moves the cursor if it says so. */
  write(text: string): void
  /** A person sees it change: it is a terminal, and not one of a CI. */
  readonly isLive: boolean
  /** The size of the terminal now; undefined for a pipe or a file. */
  size(): { readonly columns: number; readonly rows: number } | undefined
}

/** Where a command speaks: data to `out`, all else to `err`. */
export interface Terminal {
  readonly out: Output
  readonly err: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Somebody can be asked: questions go to stderr, answers come from stdin. */
  readonly isInteractive: boolean
  /** Aborted when a reader went away, as `head` does, or the terminal was closed. */
  readonly gone: AbortSignal
  /** Looks whether the terminal was closed, which aborts `gone` although nothing is written. */
  isClosed(): boolean
}

export interface TerminalOptions {
  /** `--no-color` */
  readonly isColorless: boolean
}

/** The terminal, pipes or files of this process. */
export function createTerminal({ isColorless }: TerminalOptions): Terminal {
  const { env, stdin, stdout, stderr } = process
  const gone = new AbortController()

  function output(stream: NodeJS.WriteStream): Output {
    // EPIPE and EIO: nobody reads any more, which is no reason to break.
    stream.on('error', () => gone.abort())
    const write = (text: string): void => void (gone.signal.aborted || stream.write(text))
    return {
      colors: pc.createColors(!isColorless && wantsColor(env, stream)),
      line: (text) => write(`${text}\n`),
      write,
      isLive: Boolean(stream.isTTY) && env['TERM'] !== 'dumb' && !env['CI'],
      // A terminal that does not know its size says 0.
      size: () => (stream.isTTY ? { columns: stream.columns || 80, rows: stream.rows || 24 } : undefined),
    }
  }

  return {
    out: output(stdout),
    err: output(stderr),
    env,
    cwd: process.cwd(),
    isInteractive: Boolean(stdin.isTTY && stderr.isTTY),
    gone: gone.signal,
    isClosed() {
      const isClosed = [stdin, stdout, stderr].some((stream) => stream.isTTY && !isatty(stream.fd))
      if (isClosed) gone.abort()
      return isClosed
    },
  }
}

/** `NO_COLOR` wins over `FORCE_COLOR`; without either, only a terminal is coloured. */
function wantsColor(env: Terminal['env'], { isTTY }: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env
  if (NO_COLOR) return false
  if (FORCE_COLOR !== undefined) return !['', '0', 'false'].includes(FORCE_COLOR)
  return isTTY && TERM !== 'dumb'
}
