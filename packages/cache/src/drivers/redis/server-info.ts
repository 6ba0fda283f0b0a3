import { redisErrors, type RedisConnection } from '@millrace/core/redis'

/** Its scripts have flags since Redis 7.0. */
const MIN_MAJOR = 7

const field = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*)\r?$`, 'm').exec(info)?.[1]?.trim()

/**
 * Says what would otherwise show in odd errors later.
 * @throws REDIS_REFUSED
 */
export async function checkServer(connection: RedisConnection): Promise<void> {
  const { topology, address } = connection
  let info: string
  try {
    info = await connection.masters()[0]!.info()
  } catch {
    // Away again, or not allowed to ask: neither says that the settings are wrong.
    return
  }
  const version = field(info, 'redis_version')
  if (version !== undefined && Number.parseInt(version, 10) < MIN_MAJOR) {
    throw redisErrors.REFUSED({
      address,
      reason: `it is Redis ${version}, and ${MIN_MAJOR}.0 is the oldest that will do`,
    })
  }
  if (topology !== 'cluster' && field(info, 'cluster_enabled') === '1') {
    const reason = 'it belongs to a Cluster, which is named with REDIS_CLUSTER_NODES'
    throw redisErrors.REFUSED({ address, reason })
  }
}

/** Of all servers that hold data. `maxBytes` is null when one of them has no limit. */
export async function memoryOf(
  connection: RedisConnection,
): Promise<{ usedBytes: number; maxBytes: number | null; servers: number }> {
  const servers = connection.masters()
  const infos = await Promise.all(servers.map((server) => server.info('memory')))
  const limits = infos.map((info) => Number(field(info, 'maxmemory') ?? 0))
  return {
    usedBytes: infos.reduce((sum, info) => sum + Number(field(info, 'used_memory') ?? 0), 0),
    maxBytes: limits.includes(0) ? null : limits.reduce((sum, limit) => sum + limit, 0),
    servers: servers.length,
  }
}
