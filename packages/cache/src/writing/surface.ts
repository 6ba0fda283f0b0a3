import { HttpSurface } from '../http/surface.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { WarmableCache, WarmerOptions } from '../warming/options.ts'
import { Warmer } from '../warming/warmer.ts'
import type { WriterCache, WriterOptions } from './options.ts'
import { createWriter, type Writer } from './writer.ts'

/** What a cache offers to those who write through it, and to those who load ahead of demand. */
export abstract class WritingSurface extends HttpSurface {
  protected abstract readonly instruments: CacheInstruments

  /** See `createWriter`; clock, logger and metrics are those of the cache unless given. */
  writer<Value = unknown>(
    this: WritingSurface & WriterCache,
    namespace: string,
    options: WriterOptions<Value>,
  ): Promise<Writer<Value>> {
    return createWriter(this, namespace, { ...this.#own(), ...options })
  }

  /** See `createWarmer`; clock, logger, randomness and metrics are those of the cache unless given. */
  warmer(this: WritingSurface & WarmableCache, options: WarmerOptions): Warmer {
    return new Warmer(this, { ...this.#own(), ...options })
  }

  #own() {
    const { clock, logger, random } = this.parts.limits
    return { clock, logger, random, instruments: this.instruments }
  }
}
