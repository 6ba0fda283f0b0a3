import type { Cache, Logger } from '@millrace/core'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, type Pool } from 'pg'
import { z } from 'zod'

/**
 * For responses that are the same for everybody. Without it a request with a cookie would not be cached, and
 * visitors bring cookies that have nothing to do with these services, such as that of the panel on the same host.
 */
export const forEveryone = (): string => 'everyone'

const CHANNEL = 'cache_invalidation'
/** Anybody who may enter the database may say something on the channel: what cannot be read is not meant for us. */
const message = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue('not JSON')
      return z.NEVER
    }
  })
  .pipe(z.object({ origin: z.string(), tags: z.array(z.string()).max(100) }))

const RECONNECT_MS = { first: 250, max: 10_000 }

export interface SharedInvalidation {
  /** Drops what carries one of the tags, here and in the service's other instances. Call it after the commit. */
  invalidate: (tags: readonly string[]) => Promise<void>
  /** Resolves once the first connection listens; rejects when `close` comes first. */
  readonly listening: Promise<void>
  close: () => Promise<void>
}

export interface SharedInvalidationOptions {
  cache: Cache
  database: Pool
  url: string
  logger: Logger
}

/**
 * Each instance has its own cache in memory, so a write in one must be told to the others: with NOTIFY, because the
 * database that they share is there anyway. While the listening connection is down messages are lost, therefore
 * the whole cache is dropped when it is back.
 */
export function shareInvalidations(options: SharedInvalidationOptions): SharedInvalidation {
  const { cache, database, url, logger } = options
  const origin = randomUUID()
  const stopped = new AbortController()
  const first = Promise.withResolvers<void>()
  // Nobody has to wait for it.
  first.promise.catch(() => undefined)
  let current: Client | undefined

  const receive = (payload: string | undefined): void => {
    const parsed = message.safeParse(payload)
    if (!parsed.success || parsed.data.origin === origin) return
    cache
      .invalidateTags(parsed.data.tags)
      .catch((error: unknown) => logger.error({ err: error }, 'invalidation failed'))
  }

  const listen = async (): Promise<void> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 3_000, keepAlive: true })
    current = client
    const lost = new Promise<Error>((resolve) => {
      // Not once: a connection may report a second error, after the server's farewell, and that one must be somebody's.
      client.on('error', resolve)
      client.once('end', () => resolve(new Error('connection closed')))
    })
    client.on('notification', ({ payload }) => receive(payload))
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
      await cache.clear()
      first.resolve()
      throw await lost
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  const run = async (): Promise<void> => {
    let waitMs = RECONNECT_MS.first
    while (!stopped.signal.aborted) {
      const started = performance.now()
      const error = await listen().catch((reason: unknown) => reason)
      if (stopped.signal.aborted) break
      logger.warn({ err: error }, 'cache invalidations are not heard at the moment')
      if (performance.now() - started > RECONNECT_MS.max) waitMs = RECONNECT_MS.first
      await delay(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined)
      waitMs = Math.min(waitMs * 2, RECONNECT_MS.max)
    }
    first.reject(new Error('closed before it listened'))
  }
  const running = run()

  return {
    listening: first.promise,
    invalidate: async (tags) => {
      await cache.invalidateTags(tags)
      await database.query('SELECT pg_notify($1, $2)', [CHANNEL, JSON.stringify({ origin, tags })])
    },
    close: async () => {
      stopped.abort()
      await current?.end().catch(() => undefined)
      await running
    },
  }
}
