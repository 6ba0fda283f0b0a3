import { ExponentialHistogram, type BoundCounter, type BoundHistogram } from '@millrace/core/metrics'
import type { GatewayTable, SplitKind, SplitStats } from '../drivers/driver.ts'
import type { GatewayInstruments } from '../pools/pool-metrics.ts'

export type SplitOutcome = 'ok' | 'error' | 'fallback' | 'left'

/** What a part of a split did in this process. */
export class PartRecord {
  requests = 0
  errors = 0
  readonly duration = new ExponentialHistogram()
  readonly #seconds: BoundHistogram
  readonly #counters: Readonly<Record<SplitOutcome, BoundCounter>>

  constructor(split: string, part: string, { splitRequests, splitDuration }: GatewayInstruments) {
    this.#seconds = splitDuration.with({ split, part })
    const of = (outcome: SplitOutcome): BoundCounter => splitRequests.with({ split, part, outcome })
    this.#counters = { ok: of('ok'), error: of('error'), fallback: of('fallback'), left: of('left') }
  }

  /**
   * `fallback`: this part failed, and another one answered. `left`: the visitor did not wait for the answer, which took at
   * least so long: a part that hangs is a slow one, although nobody sees the end of it. `cached`: its backends had nothing to
   * do with the answer.
   */
  record(outcome: SplitOutcome, seconds: number, cached: boolean): void {
    this.#counters[outcome].add()
    this.#seconds.record(seconds)
    if (cached) return
    this.requests++
    if (outcome === 'error' || outcome === 'fallback') this.errors++
    this.duration.record(seconds)
  }
}

interface SplitRecord {
  kind: SplitKind
  shares: Map<string, number>
  parts: Map<string, PartRecord>
}

/** Of all splits of one engine. Counts last over tables, as long as the split does. */
export class SplitRecords {
  readonly #instruments: GatewayInstruments
  readonly #splits = new Map<string, SplitRecord>()

  constructor(instruments: GatewayInstruments) {
    this.#instruments = instruments
  }

  update({ routes }: GatewayTable): void {
    const kept = new Set<string>()
    for (const { split } of routes) {
      if (split === undefined) continue
      kept.add(split.name)
      const record = this.#splits.get(split.name) ?? { kind: split.kind, shares: new Map(), parts: new Map() }
      this.#splits.set(split.name, record)
      record.kind = split.kind
      record.shares = new Map(split.parts.map(({ pool, share }) => [pool, share]))
      for (const { pool } of split.parts) {
        if (!record.parts.has(pool))
          record.parts.set(pool, new PartRecord(split.name, pool, this.#instruments))
      }
    }
    for (const name of this.#splits.keys()) if (!kept.has(name)) this.#splits.delete(name)
  }

  /** Undefined: a later table has it no more. */
  part(split: string, pool: string): PartRecord | undefined {
    return this.#splits.get(split)?.parts.get(pool)
  }

  /** Undefined: there is no split. */
  stats(): SplitStats[] | undefined {
    if (this.#splits.size === 0) return undefined
    return [...this.#splits].map(([name, { kind, shares, parts }]) => ({
      name,
      kind,
      parts: [...shares].map(([pool, share]) => {
        const { requests, errors, duration } = parts.get(pool)!
        return { pool, share, requests, errors, duration: duration.snapshot() }
      }),
    }))
  }
}
