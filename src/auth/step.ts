import { z } from 'zod'
import type { Flow } from './flow.js'
import { FlowError } from './flow-error.js'

export type StepName = 'discovery' | 'registration' | 'token' | 'refresh' | 'login'

/** Runs one step; whatever it fails with becomes a `FlowError` that names the step and holds nothing of what was sent. */
export async function step<T>(
  name: StepName,
  { sdk, mask }: Pick<Flow, 'sdk' | 'mask'>,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof sdk.OAuthError) throw new RefusedError(name, error.code, saying(error.message, mask))
    if (error instanceof FlowError) throw new FlowError(`${name}: ${error.message}`, error)
    throw new FlowError(`${name}: ${describe(error, sdk, mask)}`)
  }
}

/** The authorization server refused, with an error of OAuth. */
export class RefusedError extends FlowError {
  readonly code: string

  constructor(stepName: StepName, code: string, description: string) {
    const isTransient = ['server_error', 'temporarily_unavailable', 'too_many_requests'].includes(code)
    const isWord = /^[\w.-]{1,60}$/.test(code)
    super(`${stepName}: refused with ${isWord ? code : 'an unlawful error'}${description}`, { isTransient })
    this.code = code
  }
}

/** Whether an authorization server refused because it does not know the client, or not any more. */
export const isClientUnknown = (error: unknown): boolean =>
  error instanceof RefusedError && ['invalid_client', 'unauthorized_client'].includes(error.code)

function describe(error: unknown, { IssuerMismatchError, RegistrationRejectedError }: Flow['sdk'], mask: Flow['mask']) {
  if (error instanceof IssuerMismatchError) {
    const got = error.received === undefined ? 'none' : short(error.received, mask)
    return `the issuer must be ${short(error.expected ?? '', mask)}, got ${got}`
  }
  if (error instanceof RegistrationRejectedError) return `refused with ${error.status}${errorIn(error.body, mask)}`
  if (error instanceof z.core.$ZodError || error instanceof SyntaxError)
    return 'the answer has not the shape it must have'
  if (isZod(error)) return 'the answer has not the shape it must have'
  return error instanceof Error ? short(error.message, mask) : 'an unknown error'
}

/** Those of another copy of zod. */
const isZod = (error: unknown): boolean => error instanceof Error && error.name.endsWith('ZodError')

function errorIn(body: string, mask: Flow['mask']): string {
  try {
    const { error, error_description: description } = JSON.parse(body) as Record<string, unknown>
    return saying([error, description].filter((text) => typeof text === 'string').join(': '), mask)
  } catch {
    return '' // A body that is not JSON adds nothing to the status.
  }
}

const saying = (text: string, mask: Flow['mask']): string => (text === '' ? '' : `: ${short(text, mask)}`)

/** A text of the other side: masked before it is cut, on one line. */
function short(text: string, mask: Flow['mask']): string {
  return JSON.stringify(mask(text.slice(0, 65_536)).slice(0, 200))
}
