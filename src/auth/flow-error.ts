/** Why a step of a flow came to nothing, in words that hold no secret and no text of the other side. Stays in this room. */
export class FlowError extends Error {
  override readonly name = 'FlowError'
  /** Whether the same step may succeed later. */
  readonly isTransient: boolean
  /** Whether the connection broke before there was an answer. */
  readonly isBroken: boolean
  /** Whether the resource says nothing of who could authorize. */
  readonly isUnannounced: boolean

  constructor(message: string, { isTransient = false, isBroken = false, isUnannounced = false } = {}) {
    super(message)
    this.isTransient = isTransient
    this.isBroken = isBroken
    this.isUnannounced = isUnannounced
  }
}
