import type { InputRequiredResult, ServerContext } from '@modelcontextprotocol/server'

import type { LogLevel, Notification, Progress, RequestOptions } from '../../index.js'

/** Makes of one message from and to a client what a request of the supervisor takes. */
export type Carry = <R extends object>(
  ctx: ServerContext,
  request: object,
  work: (options: RequestOptions) => Promise<R>,
) => Promise<R | InputRequiredResult>

/** What the answer to one message of a client can bring beside the result. */
export interface Asides {
  progress?: (progress: Progress) => void
  readonly notification: (notification: Notification) => void
}

/** What is told of a request while it is carried out goes the way of its answer, and nowhere else. */
export function asidesOf(ctx: ServerContext, wantsLog: (level: LogLevel) => boolean): Asides {
  const { mcpReq } = ctx
  const progressToken = mcpReq._meta?.progressToken
  // Nobody is left to be told when the client has gone meanwhile.
  const tell = (method: string, params: object) =>
    void mcpReq.notify({ method, params: { ...params } }).catch(() => undefined)
  return {
    ...(progressToken !== undefined && {
      progress: (progress: Progress) => tell('notifications/progress', { ...progress, progressToken }),
    }),
    notification({ method, params }) {
      if (method !== 'notifications/message') return
      if (wantsLog(params['level'] as LogLevel)) tell(method, params)
    },
  }
}
