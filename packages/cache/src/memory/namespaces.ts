import { cacheErrors } from '../errors.ts'
import { KEEP_DEFAULTS, resolveKeep } from '../keep.ts'
import type { CacheInstruments } from '../metrics.ts'
import { Namespace, type NamespaceOptions } from '../namespace.ts'
import { checkTags, checkTtl, type CacheLimits } from '../options.ts'

const NAMESPACE = /^[A-Za-z0-9_.-]{1,64}$/

/** The namespaces of one cache, each made at its first use. */
export class Namespaces {
  readonly #limits: CacheLimits
  readonly #instruments: CacheInstruments
  readonly #options: ReadonlyMap<string, NamespaceOptions>
  readonly #open = new Map<string, Namespace>()
  #closed: Error | undefined
  /** The one used last: most reads in a row are of one namespace, and comparing is cheaper than hashing. */
  #last: Namespace | undefined

  /** @throws CACHE_TTL_INVALID, CACHE_TAG_INVALID, CACHE_OPTION_INVALID */
  constructor(
    limits: CacheLimits,
    instruments: CacheInstruments,
    options: ReadonlyMap<string, NamespaceOptions>,
  ) {
    this.#limits = limits
    this.#instruments = instruments
    this.#options = options
    for (const [name, { ttlMs, tags = [], ...keep }] of options) {
      checkTtl(`namespaces.${name}.ttlMs`, ttlMs)
      checkTags(tags)
      resolveKeep(keep, KEEP_DEFAULTS)
    }
  }

  find(name: string): Namespace | undefined {
    return this.#open.get(name)
  }

  /** @throws CACHE_NAMESPACE_INVALID, CACHE_TOO_MANY_NAMESPACES, and the reason for which it was closed */
  open(name: string): Namespace {
    const last = this.#last
    if (last !== undefined && last.name === name) return last
    return (this.#last = this.#open.get(name) ?? this.#make(name))
  }

  values(): Iterable<Namespace> {
    return this.#open.values()
  }

  close(reason: Error): void {
    this.#open.clear()
    this.#last = undefined
    this.#closed = reason
  }

  #make(name: string): Namespace {
    if (this.#closed !== undefined) throw this.#closed
    if (typeof name !== 'string' || !NAMESPACE.test(name)) {
      throw cacheErrors.NAMESPACE_INVALID({ namespace: name })
    }
    if (this.#open.size >= this.#limits.maxNamespaces) {
      throw cacheErrors.TOO_MANY_NAMESPACES({ namespace: name, max: this.#limits.maxNamespaces })
    }
    const options = this.#options.get(name) ?? { ttlMs: this.#limits.defaultTtlMs }
    const space = new Namespace(name, options, this.#instruments)
    this.#open.set(name, space)
    return space
  }
}
