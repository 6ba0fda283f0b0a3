import type { HostDefinition } from '@millrace/core'
import type { CacheConfig } from './config.ts'

/** The part in the supervisor: names the HTTP cache that the gateway's workers import. Nothing of it runs here. */
export const host: HostDefinition<CacheConfig> = {
  async start({ config, ports }) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    ports.provide('httpCache', {
      module: new URL(`./http-cache.${extension}`, import.meta.url).href,
      options: config.httpCache,
    })
    return { status: () => [], stop: async () => undefined }
  },
}
