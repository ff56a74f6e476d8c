import type { Era } from '../../config/entry.js'
import { SupervisorError, asFailure } from '../../errors.js'
import { modernRevision } from '../wire/revisions.js'
import type { OpenSession } from './session.js'
import { openLegacySession } from './session-legacy.js'

/** JSON-RPC errors by which a server that knows no `initialize` refuses it: for its method, its version or what it lacks. */
const notLegacy: ReadonlySet<number | undefined> = new Set([-32020, -32021, -32022, -32601, -32602])

const eras: Readonly<Record<Era, OpenSession>> = {
  legacy: openLegacySession,
  modern: async (transport, host) => (await import('./session-modern.js')).openModernSession(transport, host),
}

/**
 * Opens a session of the era that the server speaks, on the one transport there is.
 *
 * The era is forced by the configuration, or remembered from the last time, or learnt: `initialize` first, and when the
 * server refuses that in the words of the other era, `server/discover`. What was remembered is forgotten when it opens
 * nothing: a server that is another now may not even answer in its old era.
 * @throws `HANDSHAKE_FAILED` with both reasons when it speaks neither
 */
export const openSession: OpenSession = async (transport, host) => {
  const { configured = 'auto', learnt, learn } = host.era ?? {}
  if (configured !== 'auto') return eras[configured](transport, host)
  const first = learnt?.() ?? 'legacy'
  const second = first === 'legacy' ? 'modern' : 'legacy'
  let era = first
  try {
    const session = await eras[first](transport, host).catch((refusal: unknown) => {
      if (!(refusal instanceof SupervisorError) || !mayBe(second, refusal)) throw refusal
      era = second
      return eras[second](transport, host).catch((error: unknown) => {
        throw refusedTwice(refusal, second, error)
      })
    })
    learn?.(era)
    return session
  } catch (error) {
    learn?.(undefined)
    throw error
  }
}

/** Whether a refused handshake leaves room for a server of the other era. */
function mayBe(other: Era, { code, mcp }: SupervisorError): boolean {
  return code === 'HANDSHAKE_FAILED' && (other === 'legacy' || notLegacy.has(mcp?.code))
}

function refusedTwice(first: SupervisorError, second: Era, error: unknown): unknown {
  if (!(error instanceof SupervisorError) || error.code !== 'HANDSHAKE_FAILED') return error
  const cause = asFailure(error)
  const as = second === 'modern' ? modernRevision : 'a server with initialize'
  return new SupervisorError(
    { ...asFailure(first), message: `${first.message}; as ${as}: ${cause.message}`, cause },
    error,
  )
}
