import { redisSettings, silentLogger, type HostContext, type HostPorts } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { describe, expect, it } from 'vitest'
import { cacheConfig, type CacheConfig } from '../../src/config.ts'
import { host } from '../../src/host.ts'
import { createHttpCache } from '../../src/http-cache.ts'

/** What the part in the supervisor names for other processes. */
async function provided(config: object, redis: object): Promise<Record<string, { options: unknown }>> {
  const ports: Record<string, { options: unknown }> = {}
  await host.start({
    config: cacheConfig.parse(config),
    platform: { redis: redisSettings.parse(redis) },
    ports: { provide: (name, value) => void (ports[name] = value as { options: unknown }) } as HostPorts,
  } as HostContext<CacheConfig>)
  return ports
}

const REDIS = { host: '127.0.0.1', port: 6_390 }

describe('where the workers of the gateway share responses', () => {
  it.each([
    ['the platform’s Redis', {}, REDIS, REDIS],
    ['nowhere, when there is none', {}, {}, undefined],
    ['nowhere, when it is not to be shared', { httpCache: { redis: 'off' } }, REDIS, undefined],
    ['nowhere, when Redis is for other things', { shared: { enabled: false } }, REDIS, undefined],
  ])('%s', async (_, config, redis, expected) => {
    const { httpCache } = await provided(config, redis)
    const { redis: used } = httpCache!.options as { redis?: { host: string; port: number } }
    expect(used && { host: used.host, port: used.port }).toEqual(expected)
  })

  it('in options that the module they name accepts', async () => {
    const { httpCache } = await provided({}, {})
    const context = { instance: 'gateway/1', logger: silentLogger, registry: new MetricRegistry() }
    const cache = await createHttpCache(httpCache!.options, context)
    expect(cache.stats().entries).toBe(0)
    await cache.close()
  })
})
