import { defineBenchmark, MissingPeer, type Running } from '@millrace/bench'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { bytesPerEntry, hitsOverRedis, hangingRedis, readsFromRedis, stampede } from './behaviour.ts'
import { LIBRARIES } from './contenders/index.ts'
import type { CacheUnderTest, Library } from './contenders/under-test.ts'
import { ENTRIES, fill, hits, HIT_CASES, type HitCase } from './hits.ts'

type Case =
  | HitCase
  | 'memory'
  | 'two tiers: read from Redis'
  | 'two tiers: hit in memory'
  | 'stampede: 1,000 cold reads of one key'
  | 'Redis hangs for 3 s: a cold read'

interface Contestant extends Running {
  library: Library
  memory: CacheUnderTest
}

/** Undefined: no redis-server here. */
type Environment = TestRedis | undefined

const CASES: readonly Case[] = [
  ...HIT_CASES,
  'memory',
  'two tiers: read from Redis',
  'two tiers: hit in memory',
  'stampede: 1,000 cold reads of one key',
  'Redis hangs for 3 s: a cold read',
]

export const benchmark = defineBenchmark<Case, Environment>({
  name: 'cache',
  title: `Cache: ${ENTRIES} entries that all fit, time to live set; Redis on this machine`,
  metrics: [
    { name: 'cpu_per_read', unit: 'ns', better: 'lower' },
    { name: 'reads_per_second', unit: '1/s', better: 'higher' },
    { name: 'memory_per_entry', unit: 'B', better: 'lower' },
    { name: 'loader_calls', unit: '1', better: 'lower' },
    { name: 'added_latency', unit: 'ms', better: 'lower' },
  ],
  cases: Object.fromEntries(CASES.map((name) => [name, name])) as Record<Case, Case>,
  contenders: LIBRARIES.map((library) => ({
    name: library.name,
    ...(library.ours === true && { ours: true }),
    async start(): Promise<Contestant> {
      const memory = library.open()
      await fill(memory)
      return { library, memory, stop: async () => void (await memory.close()) }
    },
  })),
  async prepare() {
    const redis = await testRedis().catch((error: unknown) => {
      throw new MissingPeer(`redis-server: ${String(error)}`)
    })
    return { environment: redis, stop: () => redis.stop() }
  },
  async measure(running, name, redis, { seconds }) {
    const { library, memory } = running as Contestant
    const url = redis!.url
    switch (name) {
      case 'memory':
        return { values: { memory_per_entry: await bytesPerEntry(library) } }
      case 'stampede: 1,000 cold reads of one key':
        return { values: { loader_calls: await stampede(memory, 1_000) } }
      case 'two tiers: read from Redis':
        return { values: await readsFromRedis(library, url) }
      case 'two tiers: hit in memory':
        return { values: await hitsOverRedis(library, url, seconds) }
      case 'Redis hangs for 3 s: a cold read':
        return { values: await hangingRedis(library, redis!.server, url) }
      default:
        return { values: await hits(memory, name, seconds) }
    }
  },
})
