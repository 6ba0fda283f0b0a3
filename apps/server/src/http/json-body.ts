import type { FastifyInstance } from 'fastify'
import { serverErrors } from '../errors.ts'

/** Levels of lists and objects within one another. Whoever walks a deeper value by recursion runs out of stack. */
export const MAX_JSON_DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/** Looks at brackets outside of texts only; whether it is JSON at all is the parser's business. */
export function isDeeperThan(json: string, maxDepth: number): boolean {
  let depth = 0
  let inText = false
  for (let i = 0; i < json.length; i++) {
    const character = json.charCodeAt(i)
    if (inText) {
      if (character === BACKSLASH) i++
      else if (character === QUOTE) inText = false
    } else if (character === QUOTE) inText = true
    else if (OPENING.has(character)) {
      if (++depth > maxDepth) return true
    } else if (CLOSING.has(character)) depth--
  }
  return false
}

/**
 * JSON is the only body there is: refusing the rest is what makes a cross-site form harmless. Fastify's own parser (which
 * refuses `__proto__`) reads it, after a look at its depth.
 */
export function acceptJsonOnly(app: Pick<FastifyInstance, 'getDefaultJsonParser'> & BodyParsers): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['text/plain', 'application/json'])
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isDeeperThan(body, MAX_JSON_DEPTH)) {
      const reason = `it is nested more than ${MAX_JSON_DEPTH} levels deep`
      done(serverErrors.BODY_UNREADABLE({ reason }))
    } else void parse(request, body, done)
  })
}

type BodyParsers = Pick<FastifyInstance, 'addContentTypeParser' | 'removeContentTypeParser'>
