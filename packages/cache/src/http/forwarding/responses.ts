import type { Clock } from '@millrace/core'
import { escapeGlob } from '../../glob.ts'
import { Flight } from '../../loading/flight.ts'
import type { MemoryTier } from '../../memory/tier.ts'
import type { Namespace } from '../../namespace.ts'
import { variantOf } from '../semantics/vary.ts'
import { Signpost } from '../signpost.ts'
import { StoredResponse } from '../stored-response.ts'
import type { Asked } from './asked.ts'
import { SOFT_ALL, softTag } from './names.ts'

/** Where the response to a request is, or would be, stored. */
export interface Place {
  /** Of the address. */
  key: string
  /** Of the variant, once it is known by what the response varies; else the key. */
  id: string
  signpost: Signpost | undefined
  response: StoredResponse | undefined
}

const SIGNPOST_BYTES = 400

/** Stored responses in the memory tier, each variant an entry of its own. */
export class Responses {
  readonly tier: MemoryTier
  readonly space: Namespace
  readonly #clock: Clock
  readonly #maxVariants: number

  constructor(tier: MemoryTier, space: Namespace, options: { clock: Clock; maxVariants: number }) {
    this.tier = tier
    this.space = space
    this.#clock = options.clock
    this.#maxVariants = options.maxVariants
  }

  find(asked: Asked): Place {
    const { key } = asked
    const base = this.#read(key)
    if (base instanceof StoredResponse) return { key, id: key, signpost: undefined, response: base }
    if (!(base instanceof Signpost)) return { key, id: key, signpost: undefined, response: undefined }
    const id = variantId(key, base, asked)
    const found = this.#read(id)
    return { key, id, signpost: base, response: found instanceof StoredResponse ? found : undefined }
  }

  #read(id: string): unknown {
    if (!this.space.entries.has(id)) return undefined
    const entry = this.tier.live(this.space, id)
    if (entry === undefined) return undefined
    this.tier.touch(entry)
    return entry.value
  }

  /** Whether nobody asked for it to count as stale since it was stored. */
  isCurrent(response: StoredResponse): boolean {
    const { log } = this.tier
    if (response.softVersion === log.version) return true
    if (!log.isCurrent(response.softVersion, response.softTags)) return false
    response.softVersion = log.version
    return true
  }

  /** A fetch of the same response that may still be joined. */
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

  /**
   * Stores what was fetched by `flight`, unless it was invalidated meanwhile. `vary`: what the response depends on; the
   * address goes on depending on what it depended on before.
   */
  store(
    place: Place,
    flight: Flight,
    asked: Asked,
    { response, vary, keepMs }: { response: StoredResponse; vary: readonly string[]; keepMs: number },
  ): boolean {
    const { tier, space } = this
    const current =
      tier.isCurrent(flight) &&
      tier.log.isCurrent(flight.version, response.tags) &&
      tier.log.isCurrent(flight.version, response.softTags) &&
      // The flight is the variant's: that the whole address was deleted meanwhile shows in its signpost.
      (place.signpost === undefined || tier.live(space, place.key)?.value === place.signpost)
    if (!current) {
      space.discardedLoads.add()
      return false
    }
    response.softVersion = tier.log.version
    const names = [...new Set([...(place.signpost?.vary ?? []), ...vary])].sort()
    const options = { ttlMs: keepMs, sizeBytes: response.bytes }
    if (names.length === 0) {
      tier.put(space, place.key, response, options, response.tags, flight.version)
      return true
    }
    let { signpost } = place
    if (signpost === undefined || names.join() !== signpost.vary!.join()) {
      signpost = new Signpost(names)
      const kept = { ttlMs: Infinity, sizeBytes: SIGNPOST_BYTES }
      tier.put(space, place.key, signpost, kept, flight.tags, flight.version)
    }
    const id = variantId(place.key, signpost, asked)
    signpost.variants.delete(id)
    signpost.variants.add(id)
    if (signpost.variants.size > this.#maxVariants) this.#drop(signpost)
    tier.put(space, id, response, options, response.tags, flight.version)
    return true
  }

  #drop(signpost: Signpost): void {
    const oldest = signpost.variants.values().next().value!
    signpost.variants.delete(oldest)
    if (this.space.entries.has(oldest)) this.tier.delete(this.space, oldest)
  }

  remove(place: Place): void {
    this.tier.delete(this.space, place.id)
  }

  purgeTags(tags: readonly string[], soft: boolean): void {
    this.tier.invalidateTags(soft ? tags.map(softTag) : tags)
  }

  purgeAll(soft: boolean): void {
    if (soft) this.tier.invalidateTags([SOFT_ALL])
    else this.tier.clear(this.space.name)
  }

  /** `prefix`: absolute, or a path on every host. */
  purgePrefix(prefix: string, soft: boolean): void {
    if (!soft && !prefix.startsWith('/')) {
      this.tier.deletePattern(`${this.space.name}:${escapeGlob(prefix)}*`)
      return
    }
    for (const [id, { value }] of this.space.entries) {
      if (!(prefix.startsWith('/') ? pathOf(id) : id).startsWith(prefix)) continue
      if (!soft) this.tier.delete(this.space, id)
      else if (value instanceof StoredResponse) value.softVersion = -1
    }
    for (const id of this.space.flights.keys()) {
      if ((prefix.startsWith('/') ? pathOf(id) : id).startsWith(prefix)) this.tier.supersede(this.space, id)
    }
  }

  get now(): number {
    return this.#clock.monotonic()
  }
}

/** `https://shop.example/a` → `/a`. */
const pathOf = (key: string): string => key.slice(key.indexOf('/', key.indexOf('://') + 3))

const variantId = (key: string, signpost: Signpost, asked: Asked): string =>
  `${key} ${signpost.generation} ${variantOf(signpost.vary!, asked.fields())}`
