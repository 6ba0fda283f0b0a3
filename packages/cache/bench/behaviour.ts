import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { item, type CacheUnderTest, type Item, type Library } from './contenders/under-test.ts'
import { hits, ids } from './hits.ts'

const run = promisify(execFile)
const MEMORY_ENTRIES = 20_000
/** Reads under way at once, as in a server that answers several requests. */
const CONCURRENCY = 16
const MAX_ATTEMPTS = 100
const HANG_MS = 3_000
/** A contender that waits for Redis without limit is counted with this. */
const GIVE_UP_MS = 10_000

let round = 0

/** Bytes of heap, in a process of its own, so that nothing else is counted. */
export async function bytesPerEntry({ name }: Library): Promise<number> {
  const program = fileURLToPath(new URL('memory-of.ts', import.meta.url))
  const args = ['--expose-gc', '--conditions=millrace:source', program, name, String(MEMORY_ENTRIES)]
  const { stdout } = await run(process.execPath, args, { timeout: 120_000 })
  return Number(stdout)
}

/** How often the loader is called when so many ask for one key that nobody has. */
export async function stampede(cache: CacheUnderTest, readers: number): Promise<number> {
  let calls = 0
  const load = async (): Promise<Item> => {
    calls++
    await sleep(20)
    return item('item-1')
  }
  const key = `cold-${round++}`
  await Promise.all(Array.from({ length: readers }, () => cache.getOrSet(key, load)))
  return calls
}

async function withTwoTiers(
  library: Library,
  url: string,
  use: (cache: CacheUnderTest) => Promise<Record<string, number>>,
): Promise<Record<string, number>> {
  if (library.openTwoTier === undefined) return {}
  const cache = await library.openTwoTier(url)
  try {
    return await use(cache)
  } finally {
    await cache.close()
  }
}

/** Every key once, by an instance whose memory is empty, sixteen at a time. */
export async function readsFromRedis(library: Library, url: string): Promise<Record<string, number>> {
  await withTwoTiers(library, url, async (writer) => {
    for (const id of ids) await writer.set(id, item(id))
    return {}
  })
  return withTwoTiers(library, url, async (reader) => {
    await reader.get('not there')
    const cpu = process.cpuUsage()
    const startedAt = performance.now()
    let at = 0
    const work = async (): Promise<void> => {
      while (at < ids.length) {
        const id = ids[at++]!
        // A read that took longer than its limit on a busy machine found nothing: it has to be made again.
        for (let attempt = 0; (await reader.get(id)) === undefined; attempt++) {
          if (attempt === MAX_ATTEMPTS) throw new Error(`${library.name} does not find ${id} in Redis`)
          await sleep(50)
        }
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    const { user, system } = process.cpuUsage(cpu)
    return {
      cpu_per_read: ((user + system) * 1e3) / ids.length,
      reads_per_second: ids.length / ((performance.now() - startedAt) / 1_000),
    }
  })
}

/** What the second tier costs when the first one answers. */
export const hitsOverRedis = (
  library: Library,
  url: string,
  seconds: number,
): Promise<Record<string, number>> =>
  withTwoTiers(library, url, async (cache) => {
    for (const id of ids) await cache.set(id, item(id))
    return hits(cache, 'async hit', seconds)
  })

/** How much longer than its loader (nothing) a cold read takes while Redis accepts and does not answer. */
export function hangingRedis(
  library: Library,
  redis: { pause(): void; resume(): void },
  url: string,
): Promise<Record<string, number>> {
  return withTwoTiers(library, url, async (cache) => {
    await cache.getOrSet(`warm-${round++}`, async () => item('item-1'))
    redis.pause()
    const resumed = sleep(HANG_MS).then(() => redis.resume())
    const startedAt = performance.now()
    const read = cache
      .getOrSet(`hang-${round++}`, async () => item('item-2'))
      .then(
        () => undefined,
        () => undefined,
      )
    await Promise.race([read, sleep(GIVE_UP_MS)])
    const addedMs = performance.now() - startedAt
    await resumed
    // Reconnections and what was queued settle before the next contender begins.
    await sleep(200)
    return { added_latency: addedMs }
  })
}
