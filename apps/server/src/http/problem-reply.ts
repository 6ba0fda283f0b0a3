import {
  formatPath,
  MillraceError,
  PROBLEM_CONTENT_TYPE,
  toProblem,
  type Logger,
  type Problem,
} from '@millrace/core'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { capabilityErrors, serverErrors } from '../errors.ts'
import type { OutageLog } from './outage-log.ts'
import { databaseProblem } from '../database/failure.ts'

/** An answer names this many problems, each at most this long: what was sent must not come back in full. */
const MAX_PROBLEMS = 20
const MAX_PROBLEM_LENGTH = 300

const shortened = (text: string): string =>
  text.length > MAX_PROBLEM_LENGTH ? `${text.slice(0, MAX_PROBLEM_LENGTH)}…` : text

function problemsOf(all: readonly { path: string; message: string }[]): MillraceError {
  const problems = all
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => ({ path: shortened(path), message: shortened(message) }))
  const more = all.length - problems.length
  return serverErrors.INPUT_INVALID({ problems, ...(more === 0 ? {} : { more }) })
}

/** Field by field what a schema refused, in our own words and order. */
export const inputInvalid = (error: z.ZodError): MillraceError =>
  problemsOf(error.issues.map(({ path, message }) => ({ path: formatPath(path), message })))

// Fastify's own refusals, by code. Everything else of it below 500 becomes REQUEST_REFUSED with its message.
const FASTIFY: Record<string, (error: FastifyError, request: FastifyRequest) => MillraceError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (_error, request) =>
    serverErrors.BODY_TOO_LARGE({ maxBytes: request.routeOptions.bodyLimit }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    serverErrors.MEDIA_TYPE_UNSUPPORTED({ accepted: ['application/json'] }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => serverErrors.BODY_UNREADABLE({ reason: 'it is empty' }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => serverErrors.BODY_UNREADABLE({ reason: 'it is not valid JSON' }),
}

/** The route's pattern, never the path: paths of strangers are without number. */
export const routeOf = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions.url ?? 'unknown'}`

/** Whatever was thrown, as the error of ours that the outside may see. */
export function asMillraceError(error: unknown, request: FastifyRequest): unknown {
  if (error instanceof MillraceError) {
    // Who asks for a part wants to know which capability to install, not which port was empty.
    if (error.code === 'CORE_PORT_MISSING') {
      return capabilityErrors.MISSING({
        capability: String(error.details['capability']),
        part: `What was asked for (port '${String(error.details['port'])}')`,
      })
    }
    return error
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    return problemsOf(
      error.validation.map((issue) => ({
        path: issue.instancePath.slice(1).replaceAll('/', '.'),
        message: issue.message ?? 'is not accepted',
      })),
    )
  }
  const ofDatabase = databaseProblem(error)
  if (ofDatabase !== undefined) return ofDatabase
  const { code = '', statusCode = 500, message } = (error ?? {}) as Partial<FastifyError>
  const known = FASTIFY[code]
  if (known !== undefined) return known(error as FastifyError, request)
  // A SyntaxError with a status is Fastify's JSON parser: its message quotes the input, which stays inside.
  if (error instanceof SyntaxError && statusCode === 400) {
    return serverErrors.BODY_UNREADABLE({ reason: 'it is not valid JSON' })
  }
  if (statusCode >= 400 && statusCode < 500) {
    return new MillraceError(message ?? 'The request was refused.', {
      code: 'SERVER_REQUEST_REFUSED',
      status: statusCode,
      title: 'Request refused',
    })
  }
  return error
}

/** Without its extension members where those are no JSON, such as a circle or a BigInt in the details of an error. */
function serialized(problem: Problem): string {
  try {
    return JSON.stringify(problem)
  } catch {
    const { type, title, status, detail, code, instance, requestId } = problem
    return JSON.stringify({ type, title, status, detail, code, instance, requestId })
  }
}

/** Answers with a problem document and logs what is our fault. */
export function createErrorHandler(logger: Logger, outages: OutageLog) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const shown = asMillraceError(error, request)
    const problem = toProblem(shown, request.url.split('?', 1)[0])
    if (problem.status >= 500) {
      // What says openly that something is missing or away is an answer, not a defect to be traced.
      if (shown instanceof MillraceError && shown.expose) outages.failed(routeOf(request), shown)
      else {
        const where = { requestId: request.id, method: request.method, url: request.url }
        logger.error({ ...where, err: error }, 'a request failed')
      }
    }
    const retryAfter = problem['retryAfterSeconds']
    if (typeof retryAfter === 'number') void reply.header('retry-after', String(Math.ceil(retryAfter)))
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer')
    return (
      reply
        .code(problem.status)
        .type(PROBLEM_CONTENT_TYPE)
        // Whatever the answer was to be, its failure is not to be kept.
        .header('cache-control', 'no-store')
        .serializer((document: unknown) => document as string)
        .send(serialized({ ...problem, requestId: request.id }))
    )
  }
}
