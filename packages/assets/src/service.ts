import {
  healthSchema,
  type Cache,
  type Health,
  type ImageOptimizer,
  type ImageRequest,
  type Ports,
} from '@millrace/core'
import type { AssetsConfig } from './config.ts'
import type { ImageAnswer, ImageClient } from './platform/image-client.ts'

/** How long the control plane keeps what the image process made; that one keeps it anyway. */
const CACHE_TTL_MS = 60_000
const NAMESPACE = 'images'

/** The control plane's side: asks the image process, and keeps answers in the platform's cache where there is one. */
export class AssetsService implements ImageOptimizer {
  readonly config: AssetsConfig
  readonly ports: Ports
  readonly now: () => number
  readonly #client: ImageClient

  constructor(options: { config: AssetsConfig; client: ImageClient; ports: Ports; now: () => number }) {
    this.config = options.config
    this.ports = options.ports
    this.now = options.now
    this.#client = options.client
  }

  async optimize(source: string, request: ImageRequest, signal?: AbortSignal): Promise<ImageAnswer> {
    const cache: Cache | undefined = this.ports.find('cache')
    if (cache === undefined) return this.#client.fetch(source, request, signal)
    const { width, height, fit, quality, format, accept } = request
    const id = JSON.stringify([source, width, height, fit, quality, format, accept])
    // Longer than any key may be: asked each time.
    if (id.length > 1_000) return this.#client.fetch(source, request, signal)
    return cache.getOrSet(NAMESPACE, id, (stop) => this.#client.fetch(source, request, stop), {
      ttlMs: CACHE_TTL_MS,
      tags: ['images'],
    })
  }

  async health(): Promise<Health> {
    try {
      return healthSchema.parse(await this.#client.health())
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { state: 'failed', message: `The image process does not answer: ${message}` }
    }
  }

  dispose(): Promise<void> {
    return this.#client.close()
  }
}
