import type { Version } from '../drivers/driver.ts'
import type { Invalidations } from '../invalidation.ts'
import { Flight } from '../loading/flight.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { Namespace } from '../namespace.ts'
import type { SharedLookup, SharedTier } from '../shared/shared-tier.ts'
import type { Fields } from './semantics/fields.ts'
import { Purges } from './purges.ts'
import { Signpost } from './signpost.ts'
import { StoredResponse } from './stored-response.ts'

/** What a response is looked up by. */
export interface Keyed {
  /** Of the address. */
  readonly key: string
  /** The request's fields, for what responses vary by. */
  fields(): Fields
}

/** Where the response to a request is, or would be, stored. */
export interface Place {
  key: string
  /** Of the variant, once it is known by what the response varies; else the key. */
  id: string
  signpost: Signpost | undefined
  response: StoredResponse | undefined
}

export interface Kept {
  response: StoredResponse
  /** What it depends on in the request; the address goes on depending on what it depended on before. */
  vary: readonly string[]
  /** Milliseconds until it is of no use any more, stale or not. */
  keepMs: number
  /** Of the shared tier, from before the response was asked for; undefined: stored in memory only. */
  version: Version | undefined
  /** A variant whose key would be longer is not stored. Default: any length. */
  maxIdLength?: number
}

export interface ResponseParts {
  tier: MemoryTier
  shared: SharedTier | undefined
  invalidations: Invalidations
}

const SIGNPOST_BYTES = 400
const DAY_MS = 86_400_000
const SIGNPOST_KEPT = { ttlMs: DAY_MS, staleMs: 0, sizeBytes: SIGNPOST_BYTES }

/** Stored responses of one namespace in both tiers, each variant an entry of its own. */
export class Responses {
  readonly tier: MemoryTier
  readonly space: Namespace
  readonly shared: SharedTier | undefined
  readonly purges: Purges
  readonly #maxVariants: number

  constructor(parts: ResponseParts, space: Namespace, maxVariants: number) {
    this.tier = parts.tier
    this.shared = parts.shared
    this.purges = new Purges(parts, space)
    this.space = space
    this.#maxVariants = maxVariants
  }

  /** In this process's memory. */
  find(keyed: Keyed): Place {
    const { key } = keyed
    const base = this.#read(key)
    if (base instanceof StoredResponse) return { key, id: key, signpost: undefined, response: base }
    if (!(base instanceof Signpost)) return { key, id: key, signpost: undefined, response: undefined }
    const id = base.variantId(key, keyed.fields())
    const found = this.#read(id)
    return { key, id, signpost: base, response: found instanceof StoredResponse ? found : undefined }
  }

  #read(id: string): unknown {
    const entry = this.space.entries.has(id) ? this.tier.live(this.space, id) : undefined
    if (entry === undefined) {
      this.tier.missed(this.space, id)
      return undefined
    }
    this.tier.touch(entry)
    return entry.value
  }

  /**
   * Brings what the shared tier has for a request into memory, where `find` has it then. Returns the version to store
   * with what is asked of the origin afterwards.
   */
  async bring(keyed: Keyed, shared: SharedTier): Promise<Version | undefined> {
    const budget = shared.budget()
    // What is invalidated while this waits is not taken for valid.
    const since = this.tier.log.version
    const base = await shared.get(this.space, keyed.key, { budget })
    const value = base.found?.value
    this.#adopt(keyed.key, base, since)
    if (!(value instanceof Signpost)) return base.version
    const id = value.variantId(keyed.key, keyed.fields())
    const variant = await shared.get(this.space, id, { budget })
    this.#adopt(id, variant, since)
    if (base.version === undefined || variant.version === undefined) return undefined
    return Math.min(base.version, variant.version)
  }

  #adopt(id: string, { found, version }: SharedLookup, since: number): void {
    if (found === undefined) return
    const { value } = found
    const held = this.#read(id)
    if (value instanceof Signpost) {
      if (held instanceof Signpost && held.generation === value.generation) return
      this.tier.put(this.space, id, value, SIGNPOST_KEPT, found.tags, since)
    } else if (value instanceof StoredResponse) {
      if (held instanceof StoredResponse && held.bornAt >= value.bornAt && this.isCurrent(held)) return
      value.softVersion = since
      value.sharedVersion = version
      const ttlMs = Math.max(1, found.freshMs + found.staleMs)
      const keep = { ttlMs, staleMs: 0, sizeBytes: value.bytes }
      this.tier.put(this.space, id, value, keep, value.tags, since)
    }
  }

  /** Whether nobody asked for it to count as stale since it was stored. */
  isCurrent(response: StoredResponse): boolean {
    const { log } = this.tier
    if (response.softVersion === log.version) return true
    if (!log.isCurrent(response.softVersion, response.softTags)) return false
    response.softVersion = log.version
    return true
  }

  /** A request for the same response that is under way and may still be joined. */
  running(place: Place): Flight | undefined {
    const flight = this.space.flights.get(place.id)
    return flight !== undefined && this.tier.isCurrent(flight) ? flight : undefined
  }

  depart(place: Place, tags: readonly string[]): Flight {
    const flight = new Flight(this.tier.log.version, tags)
    this.space.flights.set(place.id, flight)
    return flight
  }

  land(place: Place, flight: Flight): void {
    if (this.space.flights.get(place.id) === flight) this.space.flights.delete(place.id)
    flight.resolve(undefined)
  }

  /** Stores what `flight` brought, unless it was invalidated meanwhile. */
  store(place: Place, flight: Flight, keyed: Keyed, kept: Kept): boolean {
    const { tier, space } = this
    const { response } = kept
    if (!this.#isStill(place, flight, response)) {
      space.discardedLoads.add()
      return false
    }
    response.softVersion = tier.log.version
    response.sharedVersion = kept.version
    const names = union(place.signpost?.vary, kept.vary)
    if (names.length === 0) {
      this.#put(place.key, flight, kept)
      return true
    }
    const same = place.signpost !== undefined && names.join() === place.signpost.vary.join()
    const signpost = same ? place.signpost! : new Signpost(names)
    const id = signpost.variantId(place.key, keyed.fields())
    if (id.length > (kept.maxIdLength ?? Infinity)) return false
    if (!same) this.#putSignpost(place.key, signpost, flight, kept.version)
    this.#put(id, flight, kept)
    if (space.entries.has(id)) {
      response.variants = signpost.variants
      signpost.variants.add(id)
      if (signpost.variants.size > this.#maxVariants) this.#drop(signpost)
    }
    return true
  }

  #isStill(place: Place, flight: Flight, response: StoredResponse): boolean {
    const { log } = this.tier
    return (
      this.tier.isCurrent(flight) &&
      log.isCurrent(flight.version, response.tags) &&
      log.isCurrent(flight.version, response.softTags) &&
      // The flight is the variant's: that the whole address was deleted meanwhile shows in its signpost.
      (place.signpost === undefined || this.tier.live(this.space, place.key)?.value === place.signpost)
    )
  }

  #put(id: string, flight: Flight, { response, keepMs, version }: Kept): void {
    const options = { ttlMs: keepMs, staleMs: 0, sizeBytes: response.bytes }
    this.tier.put(this.space, id, response, options, response.tags, flight.version)
    if (this.shared === undefined || version === undefined) return
    const freshMs = Math.min(keepMs, Math.max(1, response.terms.lifetimeMs - response.initialAgeMs))
    // A record of the shared tier that is to count as stale is gone: memory alone keeps what may be served on errors.
    const tags = [...response.tags, ...response.softTags]
    void this.shared.put(this.space, id, response, {
      version,
      tags,
      ttlMs: freshMs,
      staleMs: keepMs - freshMs,
    })
  }

  #putSignpost(
    key: string,
    signpost: Signpost,
    { tags, version: local }: Flight,
    version: Version | undefined,
  ): void {
    this.tier.put(this.space, key, signpost, SIGNPOST_KEPT, tags, local)
    if (this.shared === undefined || version === undefined) return
    void this.shared.put(this.space, key, signpost, { version, tags, ttlMs: DAY_MS })
  }

  #drop(signpost: Signpost): void {
    const oldest = signpost.variants.values().next().value!
    signpost.variants.delete(oldest)
    if (this.space.entries.has(oldest)) this.tier.delete(this.space, oldest)
  }
}

function union(known: readonly string[] | undefined, names: readonly string[]): readonly string[] {
  return known === undefined ? names : [...new Set([...known, ...names])].sort()
}
