import type { Cluster, Redis } from '@millrace/core/redis'
import { VERSION_DIGITS } from './record.ts'
import { queuedScripts, scriptsOf } from './scripts.ts'

/** Keys looked at in one step: well below a millisecond of the server's time. */
const STEP = 500

/** The names that match on one server, in batches, and how many keys were looked at for each, about; never none. */
export async function* scanServer(
  redis: Redis,
  pattern: string,
  atMost = STEP,
): AsyncGenerator<{ names: string[]; looked: number; done: boolean }> {
  const step = Math.min(STEP, atMost)
  let cursor = '0'
  do {
    const [next, names] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', step)
    cursor = next
    yield { names, looked: step, done: cursor === '0' }
  } while (cursor !== '0')
}

/** Removes records, never a tombstone. Those that another server of a Cluster has by now are removed there, one by one. */
export async function removeRecords(
  server: Redis,
  client: Redis | Cluster,
  names: readonly string[],
): Promise<number> {
  if (names.length === 0) return 0
  scriptsOf(server)
  const pipeline = server.pipeline()
  for (const name of names) void queuedScripts(pipeline).millraceRemove(1, name)
  const results = (await pipeline.exec()) ?? []
  let removed = 0
  for (const [index, name] of names.entries()) {
    const [error, reply] = results[index] ?? [new Error('no reply'), 0]
    if (error === null) removed += Number(reply)
    else if (error.message.startsWith('MOVED ')) {
      removed += Number(await scriptsOf(client).millraceRemove(1, name))
    } else throw error
  }
  return removed
}

/** Leaves out tombstones. */
export async function onlyRecords(redis: Redis, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const pipeline = redis.pipeline()
  for (const name of names) pipeline.strlen(name)
  const lengths = (await pipeline.exec()) ?? []
  return names.filter((_, index) => Number(lengths[index]?.[1] ?? 0) > VERSION_DIGITS)
}
