import { defineBenchmark, operationsPerCpuSecond, type Running } from '@millrace/bench'
import { MetricRegistry } from '@millrace/core/metrics'
import { LRUCache } from 'lru-cache'
import { createCache } from '../src/index.ts'

const ENTRIES = 5_000
/** Reads per call of the harness, so that what it does around a call weighs nothing. */
const BATCH = 500
const TAGS = ['product', 'catalogue', 'tenant:1']

type Case = 'sync hit' | 'async hit' | 'getOrSet hit' | 'sync hit, 3 tags'

interface Operations extends Running {
  /** Each does BATCH reads. */
  cases: Record<Case, () => unknown>
}

interface Item {
  id: number
  name: string
}

const ids = Array.from({ length: ENTRIES }, (_, i) => `item-${(i * 2_741) % ENTRIES}`)
const item = (id: string): Item => ({ id: Number(id.slice(5)), name: `Item ${id}` })

let at = 0
let sink: unknown
const next = (): string => ids[(at = (at + 1) % ENTRIES)]!

const syncReads = (read: (id: string) => unknown) => (): void => {
  for (let i = 0; i < BATCH; i++) sink = read(next())
}
const asyncReads = (read: (id: string) => Promise<unknown>) => async (): Promise<void> => {
  for (let i = 0; i < BATCH; i++) sink = await read(next())
}
const operations = (cases: Operations['cases']): Promise<Operations> =>
  Promise.resolve({ cases, stop: async () => void sink })

export const benchmark = defineBenchmark<Case, undefined>({
  name: 'cache',
  title: `Cache in memory, ${ENTRIES} entries that all fit, time to live set`,
  metrics: [{ name: 'cpu_per_read', unit: 'ns', better: 'lower' }],
  cases: {
    'sync hit': 'sync hit',
    'async hit': 'async hit',
    'getOrSet hit': 'getOrSet hit',
    'sync hit, 3 tags': 'sync hit, 3 tags',
  },
  contenders: [
    {
      name: 'millrace',
      ours: true,
      async start() {
        const cache = createCache({ registry: new MetricRegistry() })
        for (const id of ids) {
          cache.setSync('plain', id, item(id))
          cache.setSync('tagged', id, item(id), { tags: TAGS })
        }
        const load = async (): Promise<Item> => item('item-0')
        return operations({
          'sync hit': syncReads((id) => cache.getSync('plain', id)),
          'async hit': asyncReads((id) => cache.get('plain', id)),
          'getOrSet hit': asyncReads((id) => cache.getOrSet('plain', id, load)),
          'sync hit, 3 tags': syncReads((id) => cache.getSync('tagged', id)),
        })
      },
    },
    {
      // It has no tags: its plain read stands there too.
      name: 'lru-cache',
      async start() {
        const fetchMethod = async (id: string): Promise<Item> => item(id)
        const cache = new LRUCache<string, Item>({ max: 10_000, ttl: 300_000, fetchMethod })
        for (const id of ids) cache.set(id, item(id))
        const sync = syncReads((id) => cache.get(id))
        return operations({
          'sync hit': sync,
          'async hit': asyncReads(async (id) => cache.get(id)),
          'getOrSet hit': asyncReads((id) => cache.fetch(id)),
          'sync hit, 3 tags': sync,
        })
      },
    },
    {
      // The limit: no expiry, no bound, no counting.
      name: 'Map',
      async start() {
        const map = new Map(ids.map((id) => [id, item(id)]))
        const sync = syncReads((id) => map.get(id))
        const async = asyncReads(async (id) => map.get(id))
        return operations({
          'sync hit': sync,
          'async hit': async,
          'getOrSet hit': async,
          'sync hit, 3 tags': sync,
        })
      },
    },
  ],
  prepare: () => Promise.resolve({ environment: undefined, stop: () => Promise.resolve() }),
  async measure(running, name, _environment, { seconds }) {
    const operation = (running as Operations).cases[name]
    const { perCpuSecond } = await operationsPerCpuSecond(operation, seconds)
    return { values: { cpu_per_read: 1e9 / perCpuSecond / BATCH } }
  },
})
