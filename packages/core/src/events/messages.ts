import { z } from 'zod'
import type { EventMap } from './bus.ts'

/** Of what an event says about itself: names, reasons, tags. */
const text = z.string().max(8_192)
/** As many as a message holds. */
const texts = z.array(text)

/** All of it: what a schema leaves out would be lost on the way. */
type Schemas = {
  [Name in keyof EventMap]?: z.ZodType<EventMap[Name]> & { shape: Record<keyof EventMap[Name], unknown> }
}

/**
 * The events of the core that other processes hear, and what they have to look like when they arrive. Not
 * `component.changed`: the parts of a platform are of interest to its own supervisor and panel.
 */
export const SHARED_EVENTS = {
  'data.changed': z.object({ source: text, tags: texts }),
  'deploy.finished': z.object({ pool: text, version: text.optional() }),
  'scale.changed': z.object({ pool: text, from: z.int(), to: z.int(), reason: text }),
  'purge.requested': z.object({
    tags: texts.optional(),
    paths: texts.optional(),
    urls: texts.optional(),
    prefixes: texts.optional(),
    all: z.boolean().optional(),
    soft: z.boolean().optional(),
  }),
  'config.changed': z.object({ path: text, actor: text }),
  'audit.recorded': z.object({ action: text, actor: text }),
} satisfies Schemas

/** A message between buses. `origin` is the bus that sent it. */
const envelope = z.object({ v: z.literal(1), origin: z.string(), name: z.string(), event: z.unknown() })

export interface EventMessage {
  origin: string
  name: keyof EventMap
  event: EventMap[keyof EventMap]
}

export const encodeMessage = ({ origin, name, event }: EventMessage): string =>
  JSON.stringify({ v: 1, origin, name, event })

/** What arrived, or why it is not accepted: anybody who reaches the server may publish on the channel. */
export function decodeMessage(
  raw: string,
  schemas: Readonly<Record<string, z.ZodType | undefined>>,
): EventMessage | { refused: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(raw)
  } catch {
    return { refused: 'not JSON' }
  }
  const message = envelope.safeParse(parsed)
  if (!message.success) return { refused: z.prettifyError(message.error) }
  const { origin, name } = message.data
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined
  if (schema === undefined) return { refused: `'${name}' is not an event that processes share` }
  const event = schema.safeParse(message.data.event)
  if (!event.success) return { refused: `${name}: ${z.prettifyError(event.error)}` }
  return { origin, name: name as keyof EventMap, event: event.data as EventMap[keyof EventMap] }
}
