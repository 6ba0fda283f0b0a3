import { cacheErrors } from './errors.ts'
import type { EdgeTier } from './edge/edge-tier.ts'
import { resolveKeep, staleWindow, type Keep } from './keep.ts'
import type { Entry } from './memory/entry.ts'
import type { MemoryTier } from './memory/tier.ts'
import type { Namespace } from './namespace.ts'
import type { SetOptions } from './options.ts'
import { checkSchema, judged } from './schema.ts'
import { sharedKey, type StoreTier } from './shared/store-tier.ts'

type Values = readonly (readonly [id: string, value: unknown])[]

interface Plan {
  space: Namespace
  values: Values
  options: SetOptions
  keep: Keep
  tags: readonly string[]
}

/** Values that callers bring: into memory at once, then to the shared tier. */
export class Storing {
  readonly #tier: MemoryTier
  readonly #shared: StoreTier | undefined
  readonly #edge: EdgeTier | undefined
  readonly #sharing = new Set<Promise<void>>()
  /** Entries that a caller brought, and nobody read from the shared tier. */
  readonly #brought = new WeakSet<Entry>()

  constructor(tier: MemoryTier, shared: StoreTier | undefined, edge?: EdgeTier) {
    this.#tier = tier
    this.#shared = shared
    this.#edge = edge
  }

  /**
   * Stored in every tier when it resolves, or in memory alone when the shared tier could not be had in time. For other
   * processes it replaces what they hold. Two round trips, whatever the number of values.
   */
  async set(namespace: string, values: Values, options: SetOptions): Promise<void> {
    const plan = this.#plan(namespace, values, options)
    const { schema } = plan.space
    if (schema !== undefined) {
      for (const [id, value] of values) {
        const checked = await checkSchema(schema, value)
        if (!checked.valid) throw cacheErrors.VALUE_INVALID({ namespace, id, problem: checked.problem })
      }
    }
    const entries = this.#remember(plan)
    if (this.#isShared(plan)) await this.#share(this.#shared!, plan, entries)
    this.#purge(plan)
  }

  /** In memory when it returns; the shared tier follows. */
  setSync(namespace: string, id: string, value: unknown, options: SetOptions): void {
    const plan = this.#plan(namespace, [[id, value]], options)
    if (plan.space.schema !== undefined) {
      const result = plan.space.schema['~standard'].validate(value)
      const checked =
        result instanceof Promise
          ? { valid: false as const, problem: 'it is checked asynchronously, which takes `set`' }
          : judged(result)
      if (!checked.valid) throw cacheErrors.VALUE_INVALID({ namespace, id, problem: checked.problem })
    }
    const entries = this.#remember(plan)
    this.#purge(plan)
    if (!this.#isShared(plan)) return
    const sharing = this.#share(this.#shared!, plan, entries)
    this.#sharing.add(sharing)
    void sharing.then(() => this.#sharing.delete(sharing))
  }

  /** When everything that is on its way has arrived. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#sharing)
  }

  #plan(namespace: string, values: Values, options: SetOptions): Plan {
    const space = this.#tier.open(namespace)
    const keep = resolveKeep(options, space.keep)
    const tags = this.#tier.tags(space, options.tags)
    // All or none: what follows a refused one would be missing, what precedes it would stay in this process.
    if (values.length > 1) for (const [id, value] of values) this.#tier.check(space, id, value, options)
    return { space, values, options, keep, tags }
  }

  /** What the edge holds was made from the values before. */
  #purge({ space, values }: Plan): void {
    if (this.#edge !== undefined) for (const [id] of values) this.#edge.purgeEntry(space.name, id)
  }

  #isShared({ keep, values }: Plan): boolean {
    return this.#shared !== undefined && keep.tiers !== 'memory' && values.length > 0
  }

  #remember(plan: Plan): (Entry | undefined)[] {
    const { space, values, options, tags } = plan
    const inMemory = plan.keep.tiers !== 'shared' || this.#shared === undefined
    return values.map(([id, value]) => {
      this.#tier.supersede(space, id)
      if (inMemory) return this.#tier.put(space, id, value, options, tags, this.#tier.log.version)
      this.#tier.check(space, id, value, options)
      this.#tier.dropKey(space.name, id)
      return undefined
    })
  }

  /** Never rejects. */
  async #share(shared: StoreTier, plan: Plan, entries: readonly (Entry | undefined)[]): Promise<void> {
    const { space, values, options, keep, tags } = plan
    const budget = shared.budget()
    const keys = values.map(([id]) => sharedKey(space.name, id))
    shared.leases.releaseOutdated()
    for (const entry of entries) if (entry !== undefined) this.#brought.add(entry)
    const version = await shared.publish({ kind: 'keys', keys }, budget)
    // Whatever was read from the shared tier meanwhile is what stood there before. What was set meanwhile is newer.
    for (const [id] of values) {
      this.#tier.supersede(space, id)
      const standing = space.entries.get(id)
      if (standing !== undefined && !this.#brought.has(standing)) this.#tier.dropKey(space.name, id)
    }
    if (version === undefined) return
    const ttlMs = options.ttlMs ?? space.ttlMs
    const put = { version, tags, ttlMs, staleMs: staleWindow(keep), compress: keep.compress, budget }
    await shared.putMany(space, values, put)
  }
}
