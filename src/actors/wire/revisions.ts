/** The first revision without a handshake, and so far the only one of its era. */
export const modernRevision = '2026-07-28'

/** Whether a revision is of the era in which every request says by itself who asks and what for. */
export function isModern(revision: string | undefined): boolean {
  return revision !== undefined && revision >= modernRevision
}
