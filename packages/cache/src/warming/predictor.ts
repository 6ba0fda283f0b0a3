import type { WarmerLimits } from './options.ts'
import { SeasonModel, type SeasonSnapshot } from './season-model.ts'
import { SequenceModel } from './sequence-model.ts'
import { Usefulness } from './usefulness.ts'

export interface PredictorStats {
  /** Keys loaded ahead by sequence that were read in time, and that were not. */
  used: number
  wasted: number
  /** The share of those used lately; null before the first. */
  precision: number | null
  /** Keys in each model. */
  sequences: number
  seasons: number
}

/** Open predictions that are followed. */
const MAX_OPEN = 10_000
const HOUR_MS = 3_600_000

/** Usage patterns and what they promise. Pure: times are handed in. */
export class Predictor {
  readonly #sequence: SequenceModel | undefined
  readonly #season: SeasonModel | undefined
  readonly #usefulness: Usefulness
  readonly #seasonLeadMs: number
  readonly #seasonKeys: number

  constructor(predict: NonNullable<WarmerLimits['predict']>, random: () => number) {
    const { sequence, season, horizonMs, minPrecision } = predict
    this.#sequence = sequence === false ? undefined : new SequenceModel(sequence)
    this.#season = season === false ? undefined : new SeasonModel(season, season?.snapshot)
    this.#usefulness = new Usefulness({ minPrecision, horizonMs, maxOpen: MAX_OPEN, random })
    this.#seasonLeadMs = predict.seasonLeadMs
    this.#seasonKeys = predict.seasonKeys
  }

  /**
   * Learns from a read, and says what will probably follow it, and whether this one had been loaded ahead. Without an actor
   * nobody's sequence is known.
   */
  read(
    key: string,
    actor: string | undefined,
    time: { now: number; monotonic: number },
  ): { next: readonly string[]; used: boolean } {
    this.#season?.observe(key, time.now)
    const used = this.#usefulness.read(key, time.monotonic)
    if (actor === undefined || this.#sequence === undefined) return { next: [], used }
    this.#sequence.observe(actor, key, time.monotonic)
    const predictions = this.#sequence.predict(key)
    const worthwhile = predictions.length > 0 && this.#usefulness.worthwhile()
    return { next: worthwhile ? predictions.map(({ key }) => key) : [], used }
  }

  /** A key was loaded because it was predicted. */
  loaded(key: string, monotonic: number): void {
    this.#usefulness.predicted(key, monotonic)
  }

  /** What will probably be read in the hour that begins within the lead time, or has begun. */
  season(now: number): string[] {
    return this.#season?.expected(now + this.#seasonLeadMs, this.#seasonKeys) ?? []
  }

  /** Milliseconds until the keys of the next hour are due. */
  untilSeason(now: number): number {
    return HOUR_MS - ((now + this.#seasonLeadMs) % HOUR_MS)
  }

  get predictsSeasons(): boolean {
    return this.#season !== undefined
  }

  snapshot(): SeasonSnapshot {
    return this.#season?.snapshot() ?? []
  }

  stats(): PredictorStats {
    return {
      ...this.#usefulness.stats,
      sequences: this.#sequence?.size ?? 0,
      seasons: this.#season?.size ?? 0,
    }
  }
}
