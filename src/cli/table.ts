import { stripVTControlCharacters } from 'node:util'

import type { Output } from './terminal.js'

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
  /** Numbers stand to the right. */
  readonly isNumber?: boolean
  /** Left out on a narrow terminal, the highest first. A column without it stays. */
  readonly spare?: number
}

const gap = '  '
const narrowest = 16

/**
 * A table as lines. It fits a terminal: spare columns are left out until the rest fits, and what is still too long is cut.
 * A column with nothing in it is left out too. In a pipe or a file it is as wide as it is.
 */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { size, colors }: Pick<Output, 'size' | 'colors'>,
): string[] {
  // Some terminals break a line that is full.
  const width = (size()?.columns ?? Infinity) - 1
  const filled = columns
    .map((column) => ({ column, cells: rows.map(column.cell) }))
    .filter(({ column, cells }) => column.spare === undefined || cells.some((cell) => cell !== ''))
  const sized = fitted(
    filled.map(({ column, cells }) => ({ column, cells, size: sizeOf(column, cells) })),
    width,
  )
  const lineOf = (texts: readonly string[]) =>
    texts
      .map((text, index) => aligned(text, sized[index]?.size ?? 0, sized[index]?.column.isNumber ?? false))
      .join(gap)
      .trimEnd()
  return [
    colors.dim(lineOf(sized.map(({ column }) => column.title))),
    ...rows.map((_, row) => lineOf(sized.map(({ cells }) => cells[row] ?? ''))),
  ]
}

interface Sized<T> {
  readonly column: Column<T>
  readonly cells: readonly string[]
  readonly size: number
}

const sizeOf = (column: Column<never>, cells: readonly string[]): number =>
  Math.max(displayWidth(column.title), ...cells.map(displayWidth))

function fitted<T>(columns: readonly Sized<T>[], width: number): readonly Sized<T>[] {
  const excess = columns.reduce((sum, { size }) => sum + size + gap.length, -gap.length) - width
  if (excess <= 0) return columns
  // The widest is cut first, down to where it still says something.
  const widest = Math.max(...columns.map(({ size }) => size))
  if (widest - excess >= narrowest) {
    return columns.map((column) => (column.size === widest ? { ...column, size: widest - excess } : column))
  }
  const most = Math.max(...columns.map(({ column }) => column.spare ?? 0))
  const fewer = columns.filter(({ column }) => (column.spare ?? 0) < most)
  if (most > 0) return fitted(fewer, width)
  const each = Math.max(1, Math.floor((width - gap.length * (columns.length - 1)) / columns.length))
  return columns.map((column) => ({ ...column, size: Math.min(column.size, each) }))
}

function aligned(text: string, size: number, isNumber: boolean): string {
  const shown = displayWidth(text) > size ? cut(text, size) : text
  const padding = ' '.repeat(Math.max(0, size - displayWidth(shown)))
  return isNumber ? padding + shown : shown + padding
}

/** The beginning of a text that takes so many columns. Colours are given up. */
export function cut(text: string, size: number): string {
  let shown = ''
  let taken = 0
  for (const character of stripVTControlCharacters(text)) {
    taken += displayWidth(character)
    if (taken > size - 1) return `${shown}…`
    shown += character
  }
  return shown
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** The columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    width += /\p{M}|\u200d|\ufe0f/u.test(character) ? 0 : wide.test(character) ? 2 : 1
  }
  return width
}
