import { z } from 'zod'
import { countOf, levelOf, type ReadWindow } from './metric-reads.ts'

export const sharedStateSchema = z.object({
  /** `off`: no Redis is configured. `up`, `down`: whether it answered just now. */
  state: z.enum(['off', 'up', 'down']),
  /** In words: what to set, or what is wrong. */
  message: z.string(),
  /** `single`, `sentinel` or `cluster`; null when off. */
  kind: z.string().nullable(),
  latencyMs: z.number().nullable(),
  usedBytes: z.number().nullable(),
  /** null: Redis has no limit of its own. */
  maxBytes: z.number().nullable(),
  servers: z.number().int().nullable(),
})

export type SharedState = z.infer<typeof sharedStateSchema>

const memoryRow = z.object({
  service: z.string(),
  /** Processes that report. */
  processes: z.number().int(),
  entries: z.number(),
  bytes: z.number(),
  /** Over all of its processes; null: not reported. */
  maxEntries: z.number().nullable(),
  maxBytes: z.number().nullable(),
})

const connection = z.object({
  service: z.string(),
  instance: z.string(),
  /** Whether its circuit breaker lets operations through; null: not reported. */
  up: z.boolean().nullable(),
  /** Whether it hears of the invalidations of others; null: not reported. */
  follows: z.boolean().nullable(),
})

export const tiersSchema = z.object({
  memory: z.array(memoryRow),
  shared: sharedStateSchema.extend({
    /** Processes that have a shared tier. */
    connections: z.array(connection),
    errors: z.array(z.object({ reason: z.string(), count: z.number() })),
    errorWindowMs: z.number(),
  }),
  edge: z.object({ state: z.enum(['off', 'on']), message: z.string() }),
})

export type CacheTiers = z.infer<typeof tiersSchema>

const INSTANCE = ['service', 'instance'] as const

/** What every process reports of its memory and of its connection to the shared tier. */
export async function readProcesses(
  window: ReadWindow,
): Promise<Pick<CacheTiers, 'memory'> & Pick<CacheTiers['shared'], 'connections' | 'errors'>> {
  const [entries, size, maxEntries, maxSize, up, follows, errors] = await Promise.all([
    levelOf(window, 'entries', INSTANCE),
    levelOf(window, 'size', INSTANCE),
    levelOf(window, 'maxEntries', INSTANCE),
    levelOf(window, 'maxSize', INSTANCE),
    levelOf(window, 'sharedUp', INSTANCE, 'last'),
    levelOf(window, 'followerUp', INSTANCE, 'last'),
    countOf(window, 'sharedErrors', ['reason']),
  ])
  const services = new Map<string, z.infer<typeof memoryRow>>()
  for (const { labels } of [...entries, ...maxSize]) {
    const service = labels.service ?? ''
    const own = ({ labels }: { labels: (typeof entries)[number]['labels'] }): boolean =>
      (labels.service ?? '') === service
    const total = (list: typeof entries): number =>
      list.filter(own).reduce((sum, { value }) => sum + value, 0)
    const limit = (list: typeof entries): number | null => (list.some(own) ? total(list) : null)
    services.set(service, {
      service,
      processes: new Set([...entries, ...maxSize].filter(own).map((row) => row.labels.instance)).size,
      entries: total(entries),
      bytes: total(size),
      maxEntries: limit(maxEntries),
      maxBytes: limit(maxSize),
    })
  }
  const connections = new Map<string, z.infer<typeof connection>>()
  for (const [field, list] of [['up', up] as const, ['follows', follows] as const]) {
    for (const { labels, value } of list) {
      const { service = '', instance = '' } = labels
      const key = `${service} ${instance}`
      const known = connections.get(key) ?? { service, instance, up: null, follows: null }
      connections.set(key, { ...known, [field]: value > 0 })
    }
  }
  const byName = (a: { service: string }, b: { service: string }): number =>
    a.service.localeCompare(b.service)
  return {
    memory: [...services.values()].toSorted(byName),
    connections: [...connections.values()].toSorted(byName),
    errors: errors
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => ({ reason: labels.reason ?? '', count: value })),
  }
}
