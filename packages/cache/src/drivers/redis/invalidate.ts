import type { RedisConnection } from '@millrace/core/redis'
import type { Invalidation, Version } from '../driver.ts'
import type { Keyspace } from './keyspace.ts'
import { encodeInvalidation } from './notice.ts'
import { parseVersion, versionDigits } from './record.ts'
import { scriptsOf } from './scripts.ts'

export interface InvalidationLimits {
  tombstoneMs: number
  maxStamps: number
  maxNotices: number
}

/** One entry of the log holds at most so many keys or names: what a server does in one go stays short. */
const STEP = 100

/** In one step on one server, however much it is. In a Cluster, keys take three; see `buryFirst`. */
export async function invalidate(
  connection: RedisConnection,
  keyspace: Keyspace,
  origin: string,
  what: Invalidation,
  limits: InvalidationLimits,
): Promise<Version> {
  let buried = false
  if (connection.topology === 'cluster' && what.kind === 'keys' && what.keys.length > 0) {
    const records = what.keys.map((key) => keyspace.record(key))
    await buryFirst(connection, keyspace, records, limits.tombstoneMs)
    buried = true
  }
  const versions = [...parts(what)].map(async (part) => {
    const records = part.kind === 'keys' && !buried ? part.keys.map((key) => keyspace.record(key)) : []
    const reply = await scriptsOf(connection.client).millraceInvalidate(
      2 + records.length,
      keyspace.stamps,
      keyspace.log,
      ...records,
      origin,
      encodeInvalidation(part),
      limits.maxNotices,
      limits.maxStamps,
      limits.tombstoneMs,
      ...(part.kind === 'stamps' ? part.names : []),
    )
    return parseVersion(reply)
  })
  return Math.max(...(await Promise.all(versions)))
}

/**
 * The records are on other servers than the log. The version comes first, then the tombstones, and the notice last:
 * whoever hears of it and reads again must not find the old record.
 */
async function buryFirst(
  { client }: RedisConnection,
  keyspace: Keyspace,
  records: readonly string[],
  tombstoneMs: number,
): Promise<void> {
  const scripts = scriptsOf(client)
  const issued = parseVersion(await scripts.millraceIssue(2, keyspace.stamps, keyspace.log))
  await Promise.all(
    records.map((record) => scripts.millraceBury(1, record, versionDigits(issued), tombstoneMs)),
  )
}

function* parts(what: Invalidation): Generator<Invalidation> {
  if (what.kind === 'pattern') yield what
  else if (what.kind === 'keys') {
    for (const keys of chunks(what.keys)) yield { kind: 'keys', keys }
  } else for (const names of chunks(what.names)) yield { kind: 'stamps', names }
}

/** At least one, also of nothing: an invalidation always issues a version. */
function* chunks(list: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at === 0 || at < list.length; at += STEP) yield list.slice(at, at + STEP)
}
