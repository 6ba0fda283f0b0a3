import type { RedisConnection } from '@millrace/core/redis'
import { matchGlob } from '../../glob.ts'
import type { Keyspace } from './keyspace.ts'
import { onlyRecords, removeRecords, scanServer } from './scan.ts'

/** Removes what matches, on one server after another. */
export async function sweep(
  connection: RedisConnection,
  keyspace: Keyspace,
  pattern: string,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0
  for (const server of connection.masters()) {
    for await (const { names } of scanServer(server, keyspace.scanPattern(pattern))) {
      signal.throwIfAborted()
      const matching = names.filter((name) => matchGlob(pattern, keyspace.keyOf(name)))
      removed += await removeRecords(server, connection.client, matching)
      signal.throwIfAborted()
    }
  }
  return removed
}

/** Looks at the keys of one server after another, until one of the bounds is reached. */
export async function list(
  connection: RedisConnection,
  keyspace: Keyspace,
  pattern: string,
  { limit, maxScanned }: { limit: number; maxScanned: number },
): Promise<{ keys: string[]; more: boolean }> {
  // SCAN may return a key twice.
  const keys = new Set<string>()
  let left = maxScanned
  for (const server of connection.masters()) {
    // What a step of SCAN looked at is not told: as much as was asked for, but never more than there is.
    const size = await server.dbsize()
    if (size === 0) continue
    if (left <= 0) return { keys: [...keys], more: true }
    let looked = 0
    for await (const batch of scanServer(server, keyspace.scanPattern(pattern), left)) {
      looked = Math.min(size, looked + batch.looked)
      const matching = batch.names.filter((name) => matchGlob(pattern, keyspace.keyOf(name)))
      for (const name of await onlyRecords(server, matching)) {
        const key = keyspace.keyOf(name)
        if (keys.size >= limit && !keys.has(key)) return { keys: [...keys], more: true }
        keys.add(key)
      }
      if (looked >= left && !batch.done) return { keys: [...keys], more: true }
    }
    left -= looked
  }
  return { keys: [...keys], more: false }
}
