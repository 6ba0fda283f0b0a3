import type { Clock } from '@millrace/core'
import type { Entry } from '../memory/entry.ts'
import type { EvictionLimits } from '../memory/eviction.ts'
import { hashKey } from '../memory/hash.ts'
import type { Namespace } from '../namespace.ts'
import { MemoryAlerts } from './alerts.ts'
import { bucketOf } from './distances.ts'
import { HotKeys } from './hot-keys.ts'
import { ReadWindow } from './read-window.ts'
import type { CacheReport, MissRatioCurve } from './report.ts'
import { Shards, type ShardsOptions } from './shards.ts'

/** From a sixteenth of the memory to four times as much, four points per doubling. */
const SCALES = Array.from({ length: 25 }, (_, i) => 2 ** ((i - 16) / 4))
/** After this long a read counts half. */
const HALF_LIFE_MS = 15 * 60_000
/** Namespaces with a curve of their own; the others are in that of the whole cache only. */
const MAX_CURVES = 32
const HOT_KEYS = 20
const MIN_RATE_MS = 1_000
/** On average, one in this many reads is looked at for hot keys. A power of two. */
const HOT_KEY_STRIDE = 256

export interface ObservedCache {
  readonly limits: EvictionLimits
  readonly clock: Clock
  used(): { entries: number; bytes: number }
  namespaces(): Iterable<Namespace>
}

/**
 * Watches a sample of the reads of a memory tier: the miss-ratio curve, the hottest keys, and what is wrong with its
 * memory. A read that is not in the sample costs a subtraction, a shift and two comparisons.
 */
export class ReadObserver {
  readonly #cache: ObservedCache
  readonly #shards: Shards
  readonly #hotKeys = new HotKeys()
  readonly #alerts = new MemoryAlerts()
  readonly #all = new ReadWindow()
  readonly #windows = new Map<string, ReadWindow>()
  #lastName: string | undefined
  #lastWindow: ReadWindow | undefined
  #shift: number
  #untilHotKey = HOT_KEY_STRIDE
  #random = 0x2545f491
  #settledAt: number
  #readsBefore = 0
  #ratedAt: number
  #readsPerSecond = 0

  constructor(cache: ObservedCache, options: ShardsOptions = {}) {
    this.#cache = cache
    this.#shards = new Shards(cache.limits, options)
    this.#shift = this.#shards.shift
    this.#settledAt = cache.clock.monotonic()
    this.#ratedAt = this.#settledAt
  }

  /** A read that found a fresh entry. The hot path. */
  hit(entry: Entry): void {
    entry.namespace.memoryHits++
    if (--this.#untilHotKey <= 0) this.#countHotKey(entry.hash, entry.namespace.name, entry.id)
    if (entry.hash >>> this.#shift === 0) this.#sampleHit(entry)
  }

  /** A read that found nothing fresh in memory. */
  miss(space: Namespace, id: string): void {
    space.memoryMisses++
    const hash = hashKey(space.name, id)
    if (--this.#untilHotKey <= 0) this.#countHotKey(hash, space.name, id)
    if (hash >>> this.#shift !== 0) return
    const { weight } = this.#shards
    const distance = this.#shards.miss(hash, this.#cache.clock.monotonic())
    this.#shift = this.#shards.shift
    this.#record(space, distance, weight, distance > 1 && distance <= 2)
  }

  stored(entry: Entry): void {
    if (entry.hash >>> this.#shift !== 0) return
    this.#shards.stored(entry.hash, entry.bytes, entry.expiresAt)
    this.#shift = this.#shards.shift
  }

  evicted(entry: Entry): void {
    if (entry.hash >>> this.#shift === 0) this.#shards.evicted(entry.hash)
  }

  /** Brings the windows and the alerts up to date. */
  report(): CacheReport {
    this.#settle()
    const { limits, clock } = this.#cache
    const { entries, bytes } = this.#cache.used()
    const spaces = [...this.#windows].sort(([, a], [, b]) => b.reads - a.reads)
    return {
      at: clock.now(),
      entries,
      bytes,
      maxEntries: limits.maxEntries,
      maxBytes: limits.maxBytes,
      samplingRate: this.#shards.rate,
      curves: [this.#curve(null, this.#all), ...spaces.map(([name, window]) => this.#curve(name, window))],
      hotKeys: this.#hotKeys.top(HOT_KEYS, this.#readsPerSecond),
      alerts: this.#alerts.active,
    }
  }

  #sampleHit(entry: Entry): void {
    const { weight } = this.#shards
    const distance = this.#shards.hit(entry.hash, entry.bytes)
    this.#shift = this.#shards.shift
    this.#record(entry.namespace, distance, weight, false)
  }

  #record(space: Namespace, distance: number, weight: number, evictedTooSoon: boolean): void {
    const bucket = bucketOf(distance)
    this.#all.record(bucket, weight, evictedTooSoon)
    const window = space.name === this.#lastName ? this.#lastWindow : this.#windowOf(space.name)
    window?.record(bucket, weight, evictedTooSoon)
  }

  #windowOf(name: string): ReadWindow | undefined {
    let window = this.#windows.get(name)
    if (window === undefined && this.#windows.size < MAX_CURVES) {
      window = new ReadWindow()
      this.#windows.set(name, window)
    }
    this.#lastName = name
    this.#lastWindow = window
    return window
  }

  #countHotKey(hash: number, namespace: string, id: string): void {
    // A random stride: a fixed one would see only some keys of a loop.
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
    this.#untilHotKey = 1 + ((this.#random >>> 8) & (2 * HOT_KEY_STRIDE - 1))
    this.#hotKeys.add(hash, namespace, id)
  }

  #settle(): void {
    const { clock, limits } = this.#cache
    const now = clock.monotonic()
    const elapsedMs = now - this.#settledAt
    const fade = 0.5 ** (elapsedMs / HALF_LIFE_MS)
    this.#settledAt = now
    this.#hotKeys.fade(fade)
    let hits = 0
    let misses = 0
    for (const space of this.#cache.namespaces()) {
      hits += space.memoryHits
      misses += space.memoryMisses
      this.#windows.get(space.name)?.settle(space.memoryHits, space.memoryMisses, fade)
    }
    this.#all.settle(hits, misses, fade)
    this.#rate(hits + misses, now)
    const used = this.#cache.used()
    const ofEntries = used.entries / limits.maxEntries
    const ofBytes = used.bytes / limits.maxBytes
    this.#alerts.update(
      {
        used: Math.max(ofEntries, ofBytes),
        usedOf: ofEntries > ofBytes ? 'entries' : 'bytes',
        reads: [
          { namespace: null, ...this.#all.counts },
          ...[...this.#windows].map(([namespace, window]) => ({ namespace, ...window.counts })),
        ],
      },
      clock.now(),
    )
  }

  /** Over a second at least: two reports in a row must not make a rate of a handful of reads. */
  #rate(reads: number, now: number): void {
    const elapsedMs = now - this.#ratedAt
    if (elapsedMs < MIN_RATE_MS) return
    this.#readsPerSecond = ((reads - this.#readsBefore) / elapsedMs) * 1_000
    this.#readsBefore = reads
    this.#ratedAt = now
  }

  #curve(namespace: string | null, window: ReadWindow): MissRatioCurve {
    const { maxEntries, maxBytes } = this.#cache.limits
    const ratios = window.distances.hitRatios(SCALES)
    return {
      namespace,
      reads: window.reads,
      sampledReads: window.sampled,
      hitRatio: window.reads > 0 ? window.hits / window.reads : null,
      points: (ratios ?? []).map((hitRatio, i) => {
        const scale = SCALES[i]!
        return {
          scale,
          entries: Math.round(maxEntries * scale),
          bytes: Math.round(maxBytes * scale),
          hitRatio,
        }
      }),
    }
  }
}
