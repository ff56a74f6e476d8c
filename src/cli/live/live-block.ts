import { cut, displayWidth } from '../table.js'
import type { Output } from '../terminal.js'

/** Lines at the bottom of a terminal that are drawn anew in their place, below what is told for good. */
export interface LiveBlock {
  /** Draws these lines instead of those before. */
  draw(lines: readonly string[]): void
  /** Writes a line above the block, where it stays. */
  above(line: string): void
  /** Takes the block away. */
  erase(): void
}

export function createLiveBlock(output: Output): LiveBlock {
  let shown: readonly string[] = []

  function up(): string {
    const { columns = 80 } = output.size() ?? {}
    // A terminal that became narrower meanwhile has broken the lines.
    const rows = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0)
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[0J`
  }

  function write(before: string, lines: readonly string[]): void {
    const { columns, rows } = output.size() ?? { columns: 80, rows: 24 }
    const most = Math.max(1, rows - 2)
    const hidden = lines.length - most
    const fitting = hidden > 0 ? [...lines.slice(0, most - 1), `… and ${hidden + 1} more`] : lines
    const drawn = fitting.map((line) => (displayWidth(line) >= columns ? cut(line, columns - 1) : line))
    output.write(`${up()}${before}${drawn.map((line) => `${line}\n`).join('')}`)
    shown = drawn
  }

  return {
    draw: (lines) => write('', lines),
    above: (line) => write(`${line}\n`, shown),
    erase: () => write('', []),
  }
}
