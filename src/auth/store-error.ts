/** Why a store cannot be used, with a code as the system has them, in words that hold no secret and no path. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: string
  /** What follows its name. */
  readonly reason: string

  constructor(code: string, reason: string) {
    super(`The token store ${reason}`)
    this.code = code
    this.reason = reason
  }
}
