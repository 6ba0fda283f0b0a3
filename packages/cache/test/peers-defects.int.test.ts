// As in peers-defects.test.ts, for what needs the real servers.
import { MetricRegistry } from '@millrace/core/metrics'
import { redisSettings } from '@millrace/core/redis'
import { testRedisCluster } from '@millrace/testing/redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCache, type CacheManager } from '../src/index.ts'

describe('clear() removes nothing from a Cluster of three masters (bentocache)', () => {
  it('empties it here, with one command that does not depend on the number of keys', async () => {
    const cluster = await testRedisCluster({ replicas: 0 })
    onTestFinished(() => cluster.stop())
    const settings = redisSettings.parse({ clusterNodes: cluster.addresses })
    const join = async (): Promise<CacheManager> => {
      // On a busy machine: what is tested is not how fast it is.
      const options = { name: 'defects', redis: settings, sharedTimeoutMs: 2_000 }
      const cache = createCache({ ...options, registry: new MetricRegistry() })
      onTestFinished(() => cache.close())
      await cache.ready()
      return cache
    }
    const [a, b] = [await join(), await join()]
    const ids = Array.from({ length: 300 }, (_, i) => `key${i}`)
    await a.setMany('n', ids.map((id) => [id, id] as const)) // prettier-ignore
    await a.set('other', 'kept', 'kept')
    expect((await b.getMany('n', ids)).size).toBe(300)
    const keys = async (): Promise<number[]> =>
      Promise.all(cluster.servers.map(async (server) => Number(await server.command('DBSIZE'))))
    // They are spread over all three.
    expect((await keys()).every((count) => count > 30)).toBe(true)

    for (const server of cluster.servers) await server.command('CONFIG', 'RESETSTAT')
    await a.clear('n')
    const commands = await Promise.all(
      cluster.servers.map(async (server) => String(await server.command('INFO', 'commandstats'))),
    )
    expect(commands.join()).not.toMatch(/cmdstat_(?:scan|del|unlink|keys|flushall|flushdb):/)

    const fresh = await join()
    expect((await fresh.getMany('n', ids)).size).toBe(0)
    expect(await fresh.get('other', 'kept')).toBe('kept')
    await a.clear()
    expect(await (await join()).get('other', 'kept')).toBeUndefined()
    await a.setMany('n', [['key1', 'new']])
    expect(await fresh.get('n', 'key1')).toBe('new')
  })
})
