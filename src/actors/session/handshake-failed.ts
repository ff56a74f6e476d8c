import { type Failure, SupervisorError, failure } from '../../errors.js'
import { maskData } from '../wire/mask-data.js'
import type { SessionHost } from './session.js'

/** The error of a handshake that the server refused: permanent, for the next attempt would meet the same. */
export function handshakeFailed(
  { server, mask }: Pick<SessionHost, 'server' | 'mask'>,
  detail: string,
  mcp?: Failure['mcp'],
): SupervisorError {
  const message = `Server "${server}" refused the handshake: ${mask(detail)}`
  return new SupervisorError(
    failure('HANDSHAKE_FAILED', message, {
      server,
      phase: 'handshake',
      ...(mcp && { mcp: { code: mcp.code, ...(mcp.data !== undefined && { data: maskData(mcp.data, mask) }) } }),
    }),
  )
}
