import { onTestFinished } from 'vitest'
import type { CacheOptions } from '../../src/index.ts'
import type { WarmerOptions } from '../../src/warming/options.ts'
import type { Warmer } from '../../src/warming/warmer.ts'
import { setUp, type TestCache } from '../set-up.ts'

export interface WarmSetUp extends TestCache {
  warmer: Warmer
  /** Every load, in order. */
  loads: string[]
}

/** A cache and its warmer on one clock that stands still; namespaces `n` and `m` have loaders. */
export function warm(
  options: Partial<WarmerOptions> & { load?: (id: string) => Promise<unknown> } = {},
  cacheOptions: CacheOptions = {},
): WarmSetUp {
  const { load: loadOne = async (id: string) => `value of ${id}`, ...rest } = options
  const test = setUp({ ...cacheOptions, namespaces: { n: { ttlMs: 60_000 }, m: { ttlMs: 60_000 } } })
  const loads: string[] = []
  const load = (id: string): Promise<unknown> => {
    loads.push(id)
    return loadOne(id)
  }
  const warmer = test.cache.warmer({
    loaders: { n: { load }, m: { load } },
    random: () => 0.5,
    ...rest,
  })
  onTestFinished(() => warmer.close())
  return { ...test, warmer, loads }
}
