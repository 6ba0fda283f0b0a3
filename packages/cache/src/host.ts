import { redisTopology, type HostDefinition } from '@millrace/core'
import type { CacheConfig } from './config.ts'

/**
 * The part in the supervisor: names the caches that other processes import: the HTTP cache of the gateway's workers, and the
 * shared one of the image process. Nothing of it runs here.
 */
export const host: HostDefinition<CacheConfig> = {
  async start({ config, platform, ports }) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const useRedis = config.shared.enabled && redisTopology(platform.redis) !== undefined
    const { redis, ...httpCache } = config.httpCache
    const sharesResponses = useRedis && redis === 'platform'
    ports.provide('httpCache', {
      module: new URL(`./http-cache.${extension}`, import.meta.url).href,
      options: { ...httpCache, ...(sharesResponses ? { redis: platform.redis } : {}) },
    })
    if (useRedis) {
      ports.provide('sharedCache', {
        module: new URL(`./shared-cache.${extension}`, import.meta.url).href,
        options: { redis: platform.redis },
      })
    }
    return { status: () => [], stop: async () => undefined }
  },
}
