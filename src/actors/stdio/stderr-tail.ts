import { StringDecoder } from 'node:string_decoder'
import { printable } from '../wire/printable.js'

const lineCharacters = 8 * 1024
const linesPerSecond = 200

export interface StderrTail {
  push(chunk: Buffer): void
  /** Takes a line that came another way. */
  note(line: string): void
  /** Takes the last line even though its end never came. */
  flush(): void
  /** The last lines, masked and escaped, at most `limitBytes` long; empty when nothing was written. */
  text(): string
}

export interface StderrTailOptions {
  readonly limitBytes: number
  readonly mask: (text: string) => string
  /** Gets each line, masked and escaped; past 200 a second lines are left out and their number is told. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** Keeps the end of what a process writes to stderr, in bounded memory. Lines are cut after 8 Ki characters. */
export function createStderrTail({ limitBytes, mask, onLine }: StderrTailOptions): StderrTail {
  const decoder = new StringDecoder('utf8')
  const kept: string[] = []
  let keptBytes = 0
  let partial = ''
  let isCut = false
  let secondBegan = -Infinity
  let told = 0
  let leftOut = 0
  /** Tells what was left out when no line comes that would. */
  let later: NodeJS.Timeout | undefined

  const tell = (line: string): void => {
    if (!onLine) return
    if (performance.now() - secondBegan >= 1_000) {
      secondBegan = performance.now()
      told = 0
      tellLeftOut()
    }
    told += 1
    if (told <= linesPerSecond) return onLine(printable(mask(line)))
    leftOut += 1
    later ??= setTimeout(tellLeftOut, 1_000).unref()
  }
  const tellLeftOut = (): void => {
    clearTimeout(later)
    later = undefined
    if (leftOut > 0) onLine?.(`(${leftOut} lines of stderr left out)`)
    leftOut = 0
  }
  const keep = (line: string): void => {
    if (line === '') return
    kept.push(line)
    keptBytes += Buffer.byteLength(line) + 1
    while (keptBytes > limitBytes) keptBytes -= Buffer.byteLength(kept.shift() ?? '') + 1
    tell(line)
  }
  const endLine = (): void => {
    keep(isCut ? `${partial} (cut)` : partial.replace(/\r$/, ''))
    partial = ''
    isCut = false
  }
  const extend = (text: string): void => {
    const room = lineCharacters - partial.length
    isCut ||= text.length > room
    if (room > 0) partial += text.slice(0, room)
  }

  return {
    push(chunk) {
      const [rest = '', ...following] = decoder.write(chunk).split('\n')
      extend(rest)
      for (const line of following) {
        endLine()
        extend(line)
      }
    },
    note: (line) => keep(line.length > lineCharacters ? `${line.slice(0, lineCharacters)} (cut)` : line),
    flush() {
      extend(decoder.end())
      endLine()
      tellLeftOut()
    },
    // Masked as a whole, because a secret may span lines.
    text: () =>
      mask([...kept, partial].join('\n').trimEnd())
        .split('\n')
        .map(printable)
        .join('\n')
        .slice(-limitBytes),
  }
}
