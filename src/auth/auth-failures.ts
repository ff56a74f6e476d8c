import { failure, SupervisorError } from '../errors.js'
import { type Challenge, scopesIn } from './challenge.js'
import { FlowError } from './flow-error.js'

/** What the authorization of one server fails with, whatever went wrong. */
export interface AuthFailures {
  /** `AUTH_FAILED`, or `AUTH_REQUIRED` when nobody says who gives authorization; a `SupervisorError` stays as it is. */
  of(error: unknown, httpStatus?: number): SupervisorError
  /** `AUTH_REQUIRED`: a person must log in. */
  loginNeeded(challenge?: Challenge): SupervisorError
}

export function createAuthFailures(server: string, mask: (text: string) => string): AuthFailures {
  const subject = `Server "${server}"`

  function required(message: string, httpStatus = 401): SupervisorError {
    return new SupervisorError(failure('AUTH_REQUIRED', message, { server, phase: 'auth', httpStatus }))
  }

  return {
    of(error, httpStatus) {
      if (error instanceof SupervisorError) return error
      const isOurs = error instanceof FlowError
      if (isOurs && error.isUnannounced && !error.isTransient) {
        const remedy = 'set an "Authorization" header'
        return required(`${subject} asks for authorization and does not say who gives it: ${remedy}`, httpStatus)
      }
      const reason = isOurs ? error.message : error instanceof Error ? error.name : 'unknown error'
      return new SupervisorError(
        failure('AUTH_FAILED', mask(`${subject}: authorization failed: ${reason}`), {
          server,
          phase: 'auth',
          retryable: isOurs && error.isTransient,
          ...(httpStatus !== undefined && { httpStatus }),
        }),
      )
    },
    loginNeeded(challenge) {
      const wider = challenge?.status === 403 ? ` for ${scopesIn(challenge.scope).join(' ')}` : ''
      const remedy = `a person must log in, by authorize("${server}") or "mcpvisor auth ${server}"`
      return required(`${subject} asks for authorization${wider}: ${remedy}`, challenge?.status)
    },
  }
}
