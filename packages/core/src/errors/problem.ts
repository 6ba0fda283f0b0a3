import { MillraceError } from './error.ts'

/** An RFC 9457 problem document; `code` is the extension member clients switch on. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  instance?: string
  [extension: string]: unknown
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json'

/** A capability of others, or the other end of a channel, may say anything; an error is never a success. */
const isErrorStatus = (status: number): boolean => Number.isInteger(status) && status >= 400 && status <= 599

/**
 * Turns any thrown value into a problem document. Errors that are not ours, and ours with `expose: false`,
 * keep their message in the log only: the outside sees a generic 500.
 */
export function toProblem(error: unknown, instance?: string): Problem {
  const known = error instanceof MillraceError
  const code = known ? error.code : 'INTERNAL'
  const exposed = known && error.expose
  return {
    ...(exposed ? error.details : {}),
    type: `urn:millrace:error:${code}`,
    title: known ? error.title : 'Internal error',
    status: known && isErrorStatus(error.status) ? error.status : 500,
    detail: exposed ? error.message : 'The request could not be completed. The log has the details.',
    code,
    ...(instance === undefined ? {} : { instance }),
  }
}
