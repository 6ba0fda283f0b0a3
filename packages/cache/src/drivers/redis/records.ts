import type { Cluster, Redis } from '@millrace/core/redis'
import { keySlot } from './slot.ts'

type Reply = Buffer | null

/** Fewer are sent one by one: each server answers them together anyway. */
const WORTH_GROUPING = 8
/** A pipeline is not redirected as a whole; what moved is asked for again, one by one. */
const ELSEWHERE = /^(MOVED|ASK|TRYAGAIN) |same slot/

/** Reads values from the servers of a Cluster at the same time, with one write to each. In the order of the keys. */
export async function readFromCluster(cluster: Cluster, keys: readonly string[]): Promise<Reply[]> {
  if (keys.length < WORTH_GROUPING) return Promise.all(keys.map((key) => cluster.getBuffer(key)))
  const groups = new Map<string, number[]>()
  keys.forEach((key, index) => {
    const servers = cluster.slots[keySlot(key)]?.join() ?? ''
    const group = groups.get(servers)
    if (group === undefined) groups.set(servers, [index])
    else group.push(index)
  })
  const replies = Array.from<Reply>({ length: keys.length }).fill(null)
  const read = async (indexes: readonly number[]): Promise<void> => {
    const values = await readGroup(
      cluster,
      indexes.map((index) => keys[index]!),
    )
    indexes.forEach((index, at) => (replies[index] = values[at]!))
  }
  await Promise.all([...groups.values()].map(read))
  return replies
}

async function readGroup(cluster: Cluster, keys: readonly string[]): Promise<Reply[]> {
  const pipeline = cluster.pipeline()
  for (const key of keys) pipeline.getBuffer(key)
  let results: [Error | null, unknown][]
  try {
    results = (await pipeline.exec()) ?? []
  } catch (error) {
    if (!ELSEWHERE.test((error as Error).message)) throw error
    results = keys.map(() => [error as Error, null])
  }
  return Promise.all(
    keys.map(async (key, index) => {
      const [error, value] = results[index] ?? [new Error('no reply'), null]
      if (error === null) return value as Reply
      if (ELSEWHERE.test(error.message)) return cluster.getBuffer(key)
      throw error
    }),
  )
}

/** Values and scores of one server in one round trip. */
export async function readFromServer(
  redis: Redis,
  keys: readonly string[],
  set: string,
  members: readonly string[],
): Promise<{ values: Reply[]; scores: (string | null)[] }> {
  if (keys.length === 0) return { values: [], scores: await redis.zmscore(set, ...members) }
  const pipeline = redis.pipeline()
  pipeline.mgetBuffer(...keys)
  pipeline.zmscore(set, ...members)
  const [values, scores] = (await pipeline.exec()) ?? []
  const failure = values?.[0] ?? scores?.[0]
  if (failure != null) throw failure
  return { values: values![1] as Reply[], scores: scores![1] as (string | null)[] }
}
