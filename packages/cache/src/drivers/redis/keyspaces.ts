import { silentLogger, type Logger } from '@millrace/core'
import { connectRedis, redisTopology, type RedisConnection, type RedisSettings } from '@millrace/core/redis'
import { cacheErrors } from '../../errors.ts'
import type { SharedStore } from '../driver.ts'
import { KEYSPACES, keyspaceName } from './keyspace.ts'
import { scanServer } from './scan.ts'
import { createRedisStore } from './store.ts'

/** Every keyspace of one Redis, over one connection; for whoever looks after the caches of others. */
export interface RedisKeyspaces {
  /** `single`, `sentinel` or `cluster`. */
  readonly kind: string
  /** A driver that is not connected yet. Closing it leaves the connection open. */
  driver(keyspace: string): SharedStore
  /** The keyspaces that have ever been used, at most `limit`. Looks at every key of Redis, in small steps. */
  discover(limit: number): Promise<{ names: string[]; more: boolean }>
  close(): Promise<void>
}

/** @throws REDIS_NOT_CONFIGURED */
export function redisKeyspaces(settings: RedisSettings, options: { logger?: Logger } = {}): RedisKeyspaces {
  const { logger = silentLogger } = options
  const connection = connectRedis(settings, { logger, purpose: 'cache-keyspaces' })
  return {
    kind: redisTopology(settings)!,
    driver: (name) => createRedisStore({ name, connection, logger }),
    discover: (limit) => discover(connection, limit),
    close: () => connection.close(),
  }
}

async function discover(
  connection: RedisConnection,
  limit: number,
): Promise<{ names: string[]; more: boolean }> {
  await connection.opened()
  if (!connection.ready) {
    throw cacheErrors.STORE_UNAVAILABLE({ store: 'redis', reason: `no connection to ${connection.address}` })
  }
  const found = new Set<string>()
  try {
    for (const server of connection.masters()) {
      for await (const { names } of scanServer(server, KEYSPACES)) {
        for (const stamps of names) {
          const name = keyspaceName(stamps)
          if (name === undefined || found.has(name)) continue
          if (found.size >= limit) return { names: [...found], more: true }
          found.add(name)
        }
      }
    }
  } catch (error) {
    throw cacheErrors.STORE_UNAVAILABLE({ store: 'redis', reason: (error as Error).message })
  }
  return { names: [...found], more: false }
}
