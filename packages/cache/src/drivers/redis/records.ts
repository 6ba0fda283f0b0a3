import type { Cluster, Redis } from '@millrace/core/redis'

export interface Replies {
  /** In the order of the keys. */
  values: (Buffer | null)[]
  /** In the order of the members. */
  scores: (string | null)[]
}

/**
 * Values and scores of one server in one round trip: two commands that leave in the same turn, and so in one write. A
 * pipeline of ioredis would cost twice as much.
 */
export async function readFromServer(
  redis: Redis,
  keys: readonly string[],
  set: string,
  members: readonly string[],
): Promise<Replies> {
  const scores = redis.zmscore(set, ...members)
  if (keys.length === 0) return { values: [], scores: await scores }
  const [values, found] = await Promise.all([redis.mgetBuffer(...keys), scores])
  return { values, scores: found }
}

/**
 * The same of a Cluster: one write to each server concerned, all at the same time. One command per key, because each
 * is redirected by itself while a slot moves, which an MGET of a slot that is on its way is not.
 */
export async function readFromCluster(
  cluster: Cluster,
  keys: readonly string[],
  set: string,
  members: readonly string[],
): Promise<Replies> {
  const [scores, ...values] = await Promise.all([
    cluster.zmscore(set, ...members),
    ...keys.map((key) => cluster.getBuffer(key)),
  ])
  return { values, scores }
}
