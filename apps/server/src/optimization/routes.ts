import { OPTIMIZATION_PATHS, type Action, type AnyCapability } from '@millrace/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Authorize } from '../auth/authenticate.ts'
import type { Mounts } from '../capabilities/mounts.ts'
import { clientGone, runIdOf } from '../capabilities/routes.ts'
import { accessOf, type ActionRunner } from '../capabilities/run-action.ts'
import { capabilityErrors, serverErrors } from '../errors.ts'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import { queryInput } from './query-input.ts'

const params = z.object({ path: z.string() })
const query = z
  .object({ action: z.string().optional().describe('Name of the action.') })
  .catchall(z.union([z.string(), z.array(z.string())]))
const body = z.record(z.string(), z.unknown())

const DESCRIPTION =
  'The action’s name is `action`; the other parameters (GET) or members of the body (POST) are its input. Actions that change something need POST.'

interface Target {
  capability: AnyCapability
  name: string
  action: Action
}

/** Seed 000: `/api/optimization/<path>?action=…`, over the actions of whoever declares that path. */
export function optimizationRoutes(
  app: App,
  mounts: Mounts,
  runner: ActionRunner,
  authorize: Authorize,
): void {
  const resolve = (path: string, name: unknown): Target => {
    const owners = mounts.capabilities.filter(({ optimizationPath }) => optimizationPath === path)
    if (owners.length === 0) {
      const capability = Object.hasOwn(OPTIMIZATION_PATHS, path) ? OPTIMIZATION_PATHS[path] : undefined
      if (capability === undefined) throw serverErrors.NOT_FOUND({ what: `/api/optimization/${path}` })
      throw capabilityErrors.MISSING({ capability, part: `/api/optimization/${path}` })
    }
    for (const capability of owners) {
      if (typeof name === 'string' && Object.hasOwn(capability.actions, name)) {
        return { capability, name, action: capability.actions[name] as unknown as Action }
      }
    }
    const accepted = owners.flatMap(({ actions }) => Object.keys(actions)).join(', ')
    throw serverErrors.INPUT_INVALID({
      problems: [{ path: 'action', message: `must be one of: ${accepted}` }],
    })
  }

  const answer = async (
    { capability, name, action }: Target,
    input: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    await authorize(request, accessOf(action), action.effect === 'read')
    const { result } = await runner.run({
      capability: capability.name,
      action: name,
      input,
      actor: request.actor,
      address: request.ip,
      runId: runIdOf(request),
      signal: clientGone(reply),
    })
    // A text is sent as such: an exported table, a generated script.
    if (typeof result === 'string') {
      const csv = (input as { format?: unknown }).format === 'csv'
      return reply.type(csv ? 'text/csv; charset=utf-8' : 'text/plain; charset=utf-8').send(result)
    }
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(result ?? null))
  }

  // Open here and checked in `answer`: who may do it depends on the action, and some are for everybody.
  const config = { access: 'public' as const }
  const response = { 200: z.unknown().describe('The action’s result.'), ...problemResponse }

  app.get('/api/optimization/:path', {
    config,
    serializerCompiler: () => (data: unknown) => data as string,
    schema: {
      tags: ['optimization'],
      summary: 'Run a reading action',
      description: DESCRIPTION,
      params,
      querystring: query,
      response,
    },
    handler: async (request, reply) => {
      const { action: name, ...rest } = request.query
      const target = resolve(request.params.path, name)
      if (target.action.effect !== 'read') {
        throw serverErrors.METHOD_NOT_ALLOWED({ method: request.method, allowed: ['POST'] })
      }
      return answer(target, queryInput(target.action.input, rest), request, reply)
    },
  })

  app.post('/api/optimization/:path', {
    config,
    serializerCompiler: () => (data: unknown) => data as string,
    schema: {
      tags: ['optimization'],
      summary: 'Run an action',
      description: DESCRIPTION,
      params,
      querystring: query,
      body,
      response,
    },
    handler: async (request, reply) => {
      const { action: name = request.query['action'], ...rest } = request.body
      return answer(resolve(request.params.path, name), rest, request, reply)
    },
  })
}
