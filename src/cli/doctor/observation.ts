/** One thing that was looked at. */
export interface Observation {
  readonly subject: string
  /** A note harms nobody here and now. */
  readonly is: 'ok' | 'note' | 'problem'
  readonly found: string
  /** What to do about it. */
  readonly remedy?: string
}
