import type { EventBus, EventMap, Role } from '@millrace/core'
import { serverErrors } from '../errors.ts'
import { covers } from '../http/access.ts'
import type { App } from '../http/app.ts'
import { mediaResponse, problemResponse } from '../http/openapi.ts'
import { MAX_CLIENTS, type EventStream } from './event-stream.ts'

/** Who is told of what; everything else is for every viewer. As for the audit log itself. */
const AUDIENCE: Readonly<Partial<Record<keyof EventMap, Role>>> = { 'audit.recorded': 'operator' }

/** Live updates: every event of the bus, and the progress of actions. */
export function eventRoutes(app: App, stream: EventStream, events: EventBus): void {
  const stop = events.onAny((name, event) => stream.send(name, event))
  app.addHook('preClose', async () => {
    stop()
    stream.close()
  })

  app.get('/api/events', {
    // HEAD would hold a place in the stream and never end.
    exposeHeadRoute: false,
    config: { access: 'viewer' },
    schema: {
      tags: ['events'],
      summary: 'Live updates as Server-Sent Events',
      description:
        'Events such as component.changed, scale.changed, audit.recorded, incident.changed and action.progress, with JSON data; audit.recorded for operators only. A heartbeat every 15 s. Nothing is replayed: read anew after a reconnection.',
      response: { 200: mediaResponse('text/event-stream', 'The stream.'), ...problemResponse },
    },
    handler: async (request, reply) => {
      if (stream.clients >= MAX_CLIENTS) {
        throw serverErrors.BUSY({
          what: `${MAX_CLIENTS} clients follow events already`,
          retryAfterSeconds: 10,
        })
      }
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value)
      }
      reply.raw.setHeader('x-request-id', request.id)
      reply.hijack()
      const { role } = request.actor
      const sees = (name: string): boolean => covers(role, AUDIENCE[name as keyof EventMap] ?? 'viewer')
      if (!stream.add(reply.raw, sees)) reply.raw.destroy()
    },
  })
}
