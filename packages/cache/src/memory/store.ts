import type { ReadObserver } from '../curve/observer.ts'
import type { Entry } from './entry.ts'
import type { EvictionLimits, EvictionPolicy } from './eviction.ts'

/** A method, given the identifier, of values that are to know when they are not stored any more. */
export const REMOVED: unique symbol = Symbol('removed')

/** Keeps entries within the limits. Synchronous; the namespaces' maps are the index. */
export class MemoryStore {
  entries = 0
  bytes = 0
  readonly #limits: EvictionLimits
  readonly #policy: EvictionPolicy

  readonly #observer: ReadObserver | undefined

  constructor(limits: EvictionLimits, policy: EvictionPolicy, observer?: ReadObserver) {
    this.#limits = limits
    this.#policy = policy
    this.#observer = observer
  }

  touch(entry: Entry): void {
    this.#policy.touch(entry)
    this.#observer?.hit(entry)
  }

  /** Replaces what stands under the same key, then makes room. */
  put(entry: Entry): void {
    const { namespace } = entry
    const replaced = namespace.entries.get(entry.id)
    if (replaced !== undefined) this.remove(replaced)
    namespace.entries.set(entry.id, entry)
    this.#policy.insert(entry)
    this.#account(entry, 1)
    this.#observer?.stored(entry)
    while (this.entries > this.#limits.maxEntries || this.bytes > this.#limits.maxBytes) {
      const victim = this.#policy.evict()
      if (victim === undefined) return
      victim.namespace.entries.delete(victim.id)
      victim.namespace.evictions++
      victim.namespace.evictionCounter.add()
      this.#account(victim, -1)
      this.#observer?.evicted(victim)
    }
  }

  remove(entry: Entry): void {
    entry.namespace.entries.delete(entry.id)
    this.#policy.remove(entry)
    this.#account(entry, -1)
  }

  #account(entry: Entry, sign: 1 | -1): void {
    const bytes = sign * entry.bytes
    this.entries += sign
    this.bytes += bytes
    entry.namespace.bytes += bytes
    entry.namespace.entryGauge.add(sign)
    entry.namespace.byteGauge.add(bytes)
    if (sign < 0 && isTold(entry.value)) entry.value[REMOVED](entry.id)
  }
}

const isTold = (value: unknown): value is { [REMOVED]: (id: string) => void } =>
  typeof value === 'object' && value !== null && REMOVED in value
