import { subscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { guarded } from '../guard.ts'
import { ROUTE, UNMATCHED } from '../http/routes.ts'

interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: () => void) => void,
  ): void
}
interface FastifyRequestLike {
  routeOptions?: { url?: string | undefined }
}
interface FastifyReplyLike {
  raw: ServerResponse & { [ROUTE]?: string }
}

/**
 * Fastify announces each instance on its own diagnostics channel (since 4.0), before any plugin: a hook added there
 * runs first, so that requests refused by a later hook are still counted under their route.
 */
export function instrumentFastify(): void {
  subscribe('fastify.initialization', (message) => {
    guarded('fastify', () => {
      const { fastify } = message as { fastify: FastifyLike }
      fastify.addHook('onRequest', (request, reply, done) => {
        reply.raw[ROUTE] = request.routeOptions?.url ?? UNMATCHED
        done()
      })
    })
  })
}
