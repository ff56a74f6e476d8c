/** What a runtime writes below the line that says why. */
const isEpilogue = /^(Node\.js v\d|npm (error|ERR!) A complete log )/

/** The line of Node that names what was thrown; the stack follows it. */
const isThrown = /^\w*Error\b/

/** The first line of npm that is a sentence; those before it hold its code, path and the like. */
const isReason = /^npm (error|ERR!) (?!(code|errno|syscall|path|dest) |A complete log )/

/** What a process said last, which is most often why it ended; empty when it said nothing. */
export function lastWords(stderr: string): string {
  const lines = stderr.trimEnd().split('\n')
  const last = lines.at(-1) ?? ''
  const why = isEpilogue.test(last)
    ? (lines.find((line) => isReason.test(line)) ?? lines.findLast((line) => isThrown.test(line)))
    : undefined
  return (why ?? last).trim().slice(0, 200)
}
