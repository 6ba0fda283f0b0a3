import type { CacheAlert } from './report.ts'

const FULL_AT = 0.95
const GHOST_HITS_AT = 0.05
const MIN_READS = 1_000
/** An alert ends when the value is this much below what began it, so that it does not come and go. */
const RELIEF = 0.8

export interface MemoryState {
  /** Share of the limit that is closer: entries or bytes. */
  used: number
  usedOf: 'entries' | 'bytes'
  /** Reads in the window, and of them those of entries that had left for want of memory and that twice as much would
   * have kept; of the whole cache and by namespace. */
  reads: readonly { namespace: string | null; reads: number; evictedTooSoon: number }[]
}

/** What is wrong with the memory of a cache at present, and since when. */
export class MemoryAlerts {
  readonly #active = new Map<string, CacheAlert>()

  get active(): CacheAlert[] {
    return [...this.#active.values()]
  }

  update(state: MemoryState, at: number): void {
    this.#judge(
      'memory',
      null,
      state.used,
      FULL_AT,
      at,
      () =>
        `The memory tier holds ${percent(state.used)} of the ${state.usedOf} it may: entries leave for new ones.`,
    )
    const present = new Set(['memory'])
    for (const { namespace, reads, evictedTooSoon } of state.reads) {
      present.add(`evicted-too-soon ${namespace ?? ''}`.trim())
      const share = reads < MIN_READS ? 0 : evictedTooSoon / reads
      const whose = namespace === null ? 'all reads' : `the reads of ${namespace}`
      this.#judge(
        'evicted-too-soon',
        namespace,
        share,
        GHOST_HITS_AT,
        at,
        () =>
          `${percent(share)} of ${whose} ask for an entry that had just left to make room; twice the memory would have kept it.`,
      )
    }
    for (const key of this.#active.keys()) if (!present.has(key)) this.#active.delete(key)
  }

  #judge(
    kind: CacheAlert['kind'],
    namespace: string | null,
    value: number,
    threshold: number,
    at: number,
    reason: () => string,
  ): void {
    const key = `${kind} ${namespace ?? ''}`.trim()
    const known = this.#active.get(key)
    if (value < (known === undefined ? threshold : threshold * RELIEF)) this.#active.delete(key)
    else
      this.#active.set(key, {
        kind,
        namespace,
        since: known?.since ?? at,
        value,
        threshold,
        reason: reason(),
      })
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
