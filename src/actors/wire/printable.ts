/**
 * A text of a peer made fit for one log record: control characters, line separators and bidirectional controls become
 * `\u001b` and the like. Tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, escape)
}

function escape(character: string): string {
  return character === '\t' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
