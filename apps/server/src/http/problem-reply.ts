import { MillraceError, PROBLEM_CONTENT_TYPE, toProblem, type Logger } from '@millrace/core'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { capabilityErrors, serverErrors } from '../errors.ts'
import { isConnectionFailure, isUnstorableText } from '../database/failure.ts'

/** `images[0].src` */
const dotted = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')

/** Field by field what a schema refused, in our own words and order. */
export const inputInvalid = (error: z.ZodError): MillraceError =>
  serverErrors.INPUT_INVALID({
    problems: error.issues.map(({ path, message }) => ({ path: dotted(path), message })),
  })

// Fastify's own refusals, by code. Everything else of it below 500 becomes REQUEST_REFUSED with its message.
const FASTIFY: Record<string, (error: FastifyError, request: FastifyRequest) => MillraceError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (_error, request) =>
    serverErrors.BODY_TOO_LARGE({ maxBytes: request.routeOptions.bodyLimit }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    serverErrors.MEDIA_TYPE_UNSUPPORTED({ accepted: ['application/json'] }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => serverErrors.BODY_UNREADABLE({ reason: 'it is empty' }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => serverErrors.BODY_UNREADABLE({ reason: 'it is not valid JSON' }),
}

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
    return serverErrors.INPUT_INVALID({
      problems: error.validation.map((issue) => ({
        path: issue.instancePath.slice(1).replaceAll('/', '.'),
        message: issue.message ?? 'is not accepted',
      })),
    })
  }
  if (isUnstorableText(error)) {
    return serverErrors.REQUEST_REFUSED({
      reason: 'it contains a character that cannot be stored, such as U+0000',
    })
  }
  if (isConnectionFailure(error)) return serverErrors.DATABASE_UNAVAILABLE({}, error)
  const { code = '', statusCode = 500, message } = error as Partial<FastifyError>
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

/** Answers with a problem document and logs what is our fault. */
export function createErrorHandler(logger: Logger) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const shown = asMillraceError(error, request)
    const problem = toProblem(shown, request.url.split('?', 1)[0])
    if (problem.status >= 500) {
      const where = { requestId: request.id, method: request.method, url: request.url }
      // What says openly that something is missing or away is an answer, not a defect to be traced.
      if (shown instanceof MillraceError && shown.expose)
        logger.debug({ ...where, code: shown.code }, shown.message)
      else logger.error({ ...where, err: error }, 'a request failed')
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
        .serializer(JSON.stringify as (payload: unknown) => string)
        .send({ ...problem, requestId: request.id })
    )
  }
}
