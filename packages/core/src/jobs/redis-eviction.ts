import type { Logger } from '../logger/logger.ts'
import type { RedisConnection } from '../redis/connection.ts'

/** A server that makes room by removing keys would remove jobs. */
export async function warnOfEviction(connection: RedisConnection, logger: Logger): Promise<void> {
  const [master] = connection.masters()
  const info = await master?.info('memory').catch(() => '')
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info ?? '')?.[1]
  const policy = field('maxmemory_policy')
  if (policy === undefined || policy === 'noeviction' || field('maxmemory') === '0') return
  logger.warn(
    { policy, accepted: 'noeviction' },
    'Redis may remove jobs when its memory is full: give jobs a server of their own, or keep them in PostgreSQL',
  )
}
