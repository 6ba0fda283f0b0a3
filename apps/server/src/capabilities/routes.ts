import { randomUUID } from 'node:crypto'
import type { Action, AnyCapability, Clock, Route } from '@millrace/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { serverErrors } from '../errors.ts'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import { within } from '../http/within.ts'
import type { Mounts } from './mounts.ts'
import { accessOf, type ActionRunner } from './run-action.ts'

/** A read model that takes longer is given up. */
export const READ_LIMIT_MS = 30_000
/** Names a run for `action.progress`; chosen by the caller, who must know it before the answer comes. */
const RUN_ID_HEADER = 'x-run-id'
const RUN_ID = /^[\w-]{1,64}$/

const serialize = JSON.stringify as (payload: unknown) => string

/** Aborts when the client goes away before it was answered. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client is gone'))
  })
  return gone.signal
}

export function runIdOf(request: FastifyRequest): string {
  const given = request.headers[RUN_ID_HEADER]
  return typeof given === 'string' && RUN_ID.test(given) ? given : randomUUID()
}

function actionRoute(
  app: App,
  capability: AnyCapability,
  name: string,
  action: Action,
  runner: ActionRunner,
): void {
  app.post(`/api/${capability.name}/actions/${name}`, {
    config: {
      access: accessOf(action),
      readOnly: action.effect === 'read',
    },
    // The runner parses the input, for every way an action is reached; parsing twice would transform twice.
    validatorCompiler: () => (value: unknown) => ({ value }),
    schema: {
      tags: [capability.name],
      summary: action.title,
      description: `${action.description} (effect: ${action.effect})`,
      body: action.input,
      response: {
        200: z.object({ result: action.output, durationMs: z.number(), auditId: z.string().optional() }),
        ...problemResponse,
      },
    },
    handler: async (request, reply) => {
      const outcome = await runner.run({
        capability: capability.name,
        action: name,
        input: request.body,
        actor: request.actor,
        address: request.ip,
        runId: runIdOf(request),
        signal: clientGone(reply),
      })
      return reply.type('application/json; charset=utf-8').serializer(serialize).send(outcome)
    },
  })
}

function readRoute(
  app: App,
  capability: AnyCapability,
  route: Route<unknown>,
  mounts: Mounts,
  clock: Clock,
): void {
  app.get(`/api/${capability.name}${route.path}`, {
    config: { access: route.role ?? 'viewer' },
    schema: {
      tags: [capability.name],
      summary: route.summary,
      ...(route.params === undefined ? {} : { params: route.params }),
      ...(route.query === undefined ? {} : { querystring: route.query }),
      response: { 200: route.response, ...problemResponse },
    },
    handler: async (request, reply) => {
      const service = mounts.service(capability.name, `GET ${request.routeOptions.url ?? ''}`)
      const late = new AbortController()
      const answer = route.handler(service, {
        params: request.params,
        query: request.query,
        actor: request.actor,
        signal: AbortSignal.any([clientGone(reply), late.signal]),
      })
      return within(answer, READ_LIMIT_MS, route.summary, clock, () => late.abort())
    },
  })
}

/** `/api/<capability>/…` for each capability there is, plus an honest answer for those that are not. */
export function capabilityRoutes(app: App, mounts: Mounts, runner: ActionRunner, clock: Clock): void {
  for (const capability of mounts.capabilities) {
    for (const [name, action] of Object.entries(capability.actions)) {
      actionRoute(app, capability, name, action as unknown as Action, runner)
    }
    for (const route of capability.routes ?? []) {
      readRoute(app, capability, route as unknown as Route<unknown>, mounts, clock)
    }
  }

  // The concrete routes above are found first: what arrives here is for nobody.
  app.post('/api/:capability/actions/:action', {
    config: { access: 'viewer' },
    schema: {
      tags: ['capabilities'],
      summary: 'Run any action of any capability',
      description:
        'The role it needs follows from the action’s effect. Send `x-run-id` to follow its progress.',
      params: z.object({ capability: z.string(), action: z.string() }),
      body: z.record(z.string(), z.unknown()),
      response: {
        200: z.object({ result: z.unknown(), durationMs: z.number(), auditId: z.string().optional() }),
        ...problemResponse,
      },
    },
    handler: async (request) => {
      const { capability, action } = request.params
      mounts.service(capability, `The action '${action}'`)
      const accepted = Object.keys(mounts.find(capability)?.actions ?? {})
      throw serverErrors.ACTION_UNKNOWN({ capability, action, accepted })
    },
  })
}
