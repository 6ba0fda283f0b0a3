import type { Invalidation, SharedRecord, SharedStore, Stamps, Version } from '../drivers/driver.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { Namespace } from '../namespace.ts'
import type { CacheLimits } from '../options.ts'
import { checkSchema } from '../schema.ts'
import { within } from '../within.ts'
import { Budget } from './budget.ts'
import { Compressor } from './compression.ts'
import { Delivery } from './delivery.ts'
import { decodeEnvelope, encodeEnvelope, type Envelope, type EnvelopeCodec } from './envelope.ts'
import { Leases } from './leases.ts'
import { Reader } from './reader.ts'
import type { SharedLookup, SharedPut, SharedTier, SharedValue } from './shared-tier.ts'
import { InvalidatedPatterns, isValid, stampNames, tagStamp } from './validity.ts'
import type { ValueType } from './value-type.ts'
import { ValueTypes } from './values.ts'

/** Nothing is kept longer in the shared tier, whatever its time to live: 30 days. */
const MAX_KEEP_MS = 30 * 86_400_000
/**
 * What took longer to make is not shared: a tombstone that would keep it out may be gone by then (drivers keep them for
 * 60 s).
 */
const MAX_LOAD_MS = 50_000
/** That values cannot be shared is written to the log once in this time. */
const TELL_EVERY_MS = 30_000
/** Could not be asked. */
const UNAVAILABLE: SharedLookup = { found: undefined, version: undefined }

/** What was asked. */
interface Question {
  space: Namespace
  key: string
  /** Those that the stamps were asked for. */
  tags: readonly string[]
  /** Undefined: what is left of that of a request that began at `startedAt`. */
  budget: Budget | undefined
  /** On the monotonic clock. */
  startedAt: number
}

export const sharedKey = (namespace: string, id: string): string => `${namespace}:${id}`

/** The shared tier over a store. */
export class StoreTier implements SharedTier {
  readonly patterns = new InvalidatedPatterns()
  readonly delivery: Delivery
  readonly leases: Leases
  readonly #store: SharedStore
  readonly #limits: CacheLimits
  readonly #instruments: CacheInstruments
  readonly #reader: Reader
  readonly #codec: EnvelopeCodec
  /** When it was last said that a value cannot be shared. */
  #toldAt = -Infinity

  constructor(store: SharedStore, limits: CacheLimits, instruments: CacheInstruments, closed: AbortSignal) {
    this.#store = store
    this.#limits = limits
    this.#instruments = instruments
    this.delivery = new Delivery(store, limits, instruments, closed)
    const { guard } = this.delivery
    this.leases = new Leases({ store, guard, clock: limits.clock, leaseMs: limits.leaseMs })
    this.#reader = new Reader(store, guard, limits)
    this.#codec = {
      types: new ValueTypes(),
      compressor: new Compressor(limits),
      maxBytes: limits.maxSharedBytes,
    }
  }

  get available(): boolean {
    return this.delivery.available
  }

  budget(): Budget {
    return new Budget(this.#limits.sharedTimeoutMs)
  }

  register(type: ValueType): void {
    this.#codec.types.register(type)
  }

  // Without `async`, here and where it is called: what that allocates is about a sixth of a read.
  get(
    space: Namespace,
    id: string,
    options: { tags?: readonly string[]; budget?: Budget } = {},
  ): Promise<SharedLookup> {
    if (!this.available || this.#store.recordless === true) return Promise.resolve(UNAVAILABLE)
    const { tags = space.tags, budget } = options
    const startedAt = this.#limits.clock.monotonic()
    const key = sharedKey(space.name, id)
    const names = tags === space.tags ? space.stampNames : stampNames(space.name, tags)
    return this.#reader
      .read(key, names, budget)
      .then((answer) =>
        answer === undefined
          ? UNAVAILABLE
          : this.#judge({ space, key, tags, budget, startedAt }, answer.record, answer.stamps),
      )
  }

  async getMany(
    space: Namespace,
    ids: readonly string[],
    budget = this.budget(),
  ): Promise<Map<string, SharedLookup>> {
    const found = new Map<string, SharedLookup>()
    if (!this.available || this.#store.recordless === true || ids.length === 0) return found
    const keys = ids.map((id) => sharedKey(space.name, id))
    const startedAt = this.#limits.clock.monotonic()
    const read = await this.#reader.readMany(keys, space.stampNames, budget)
    if (read === undefined) return found
    const judged = ids.map(async (_, i) =>
      this.#judge({ space, key: keys[i]!, tags: space.tags, budget, startedAt }, read.records[i], read),
    )
    for (const [i, lookup] of (await Promise.all(judged)).entries()) found.set(ids[i]!, lookup)
    return found
  }

  async put(space: Namespace, id: string, value: unknown, options: SharedPut): Promise<boolean> {
    const [written] = await this.putMany(space, [[id, value]], options)
    return written ?? false
  }

  /** For each value, whether it was stored. */
  async putMany(
    space: Namespace,
    values: readonly (readonly [id: string, value: unknown])[],
    options: SharedPut,
  ): Promise<boolean[]> {
    const none = values.map(() => false)
    if (!this.available || this.#store.recordless === true) return none
    const { version, ttlMs, staleMs = 0, loadMs = 0 } = options
    if (loadMs > MAX_LOAD_MS) return none
    const keepMs = Math.ceil(Math.min(MAX_KEEP_MS, ttlMs + staleMs))
    const records = values.flatMap(([id, value], place) => {
      const payload = this.#encode(value, options)
      return payload === undefined
        ? []
        : [{ place, key: sharedKey(space.name, id), version, payload, ttlMs: keepMs }]
    })
    if (records.length === 0) return none
    const { guard } = this.delivery
    // It has the full time; who waits for it may have less left.
    const writing = guard.run('write', () => this.#store.write(records))
    const leftMs = options.budget?.leftMs ?? Infinity
    if (leftMs <= 0) return none
    const { sharedTimeoutMs, clock } = this.#limits
    const answer = leftMs < sharedTimeoutMs ? await within(writing, leftMs, undefined, clock) : await writing
    for (const [i, { place }] of records.entries()) none[place] = answer?.value[i] ?? false
    return none
  }

  /** Makes stale for every process; kept and repeated when it cannot be delivered now. */
  publish(what: Invalidation, budget?: Budget): Promise<Version | undefined> {
    return this.delivery.publish(what, budget)
  }

  /** At once where nothing more has to be asked, as of most values. */
  #judge(
    at: Question,
    record: SharedRecord | undefined,
    stamps: Stamps,
  ): SharedLookup | Promise<SharedLookup> {
    const { version } = stamps
    const miss = { found: undefined, version }
    if (record === undefined || !isValid(record, stamps)) return miss
    if (this.patterns.isStale(at.key, record.version)) return miss
    const content = decodeEnvelope(record.payload, this.#codec)
    if (content === undefined) {
      this.#instruments.sharedErrors.with({ reason: 'corrupt' }).add()
      return miss
    }
    const { schema } = at.space
    const further = schema !== undefined || content.tags.some((tag) => !at.tags.includes(tag))
    return further ? this.#judgeFurther(at, record, content, version) : this.#lookup(content, version)
  }

  async #judgeFurther(
    at: Question,
    record: SharedRecord,
    content: Envelope,
    version: Version,
  ): Promise<SharedLookup> {
    const miss = { found: undefined, version }
    const unknown = content.tags.filter((tag) => !at.tags.includes(tag))
    if (unknown.length > 0) {
      const budget = at.budget ?? this.#budgetSince(at.startedAt)
      const more = await this.#reader.stamps(unknown.map(tagStamp), budget)
      if (more === undefined) return UNAVAILABLE
      if (!isValid(record, more)) return miss
    }
    if (!(await isOfNamespace(at.space, content.value))) {
      this.#instruments.sharedErrors.with({ reason: 'corrupt' }).add()
      return miss
    }
    return this.#lookup(content, version)
  }

  #lookup(content: Envelope, version: Version): SharedLookup {
    const found = this.#aged(content)
    return { found: found.freshMs + found.staleMs > 0 ? found : undefined, version }
  }

  #budgetSince(startedAt: number): Budget {
    const budget = this.budget()
    budget.took(this.#limits.clock.monotonic() - startedAt)
    return budget
  }

  /**
   * By the wall clock, which processes share. What seems to come from the future, because a clock is wrong, counts as old by
   * as much: it is not fresh for ever, nor for its whole time whenever it is read.
   */
  #aged({ value, tags, createdAt, freshUntil, staleUntil, loadMs }: Envelope): SharedValue {
    const now = this.#limits.clock.now()
    const ageMs = Math.abs(now - createdAt)
    const freshMs = freshUntil - createdAt - ageMs
    const staleMs = staleUntil === freshUntil ? 0 : staleUntil - freshUntil
    return { value, tags, ageMs, freshMs, staleMs, loadMs }
  }

  #encode(value: unknown, { tags, ttlMs, staleMs = 0, loadMs = 0, compress }: SharedPut): Buffer | undefined {
    const createdAt = this.#limits.clock.now()
    const freshUntil = createdAt + ttlMs
    const content = { value, tags, createdAt, freshUntil, staleUntil: freshUntil + staleMs, loadMs }
    try {
      return encodeEnvelope(content, this.#codec, compress)
    } catch (error) {
      this.#instruments.sharedErrors.with({ reason: 'refused' }).add()
      const now = this.#limits.clock.monotonic()
      if (now - this.#toldAt < TELL_EVERY_MS) return undefined
      this.#toldAt = now
      this.#limits.logger.warn({ err: error }, 'a value has no bytes and stays in this process')
      return undefined
    }
  }
}

/** That there is nothing is no value: a schema need not provide for it. */
async function isOfNamespace({ schema }: Namespace, value: unknown): Promise<boolean> {
  if (schema === undefined || value === undefined || value === null) return true
  return (await checkSchema(schema, value)).valid
}
