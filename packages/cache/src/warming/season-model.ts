import { keepWithin, touch } from './bounded.ts'

export interface SeasonModelOptions {
  /** What a day counts, one day later. Default 0.8: a week ago counts a fifth. */
  dailyDecay?: number
  /** On which share of the days, by that weight, a key must have been read in the hour. Default 0.5. */
  minConfidence?: number
  /** For how many days a key must be known. Default 2. */
  minDays?: number
  /** Keys that are remembered. Default 5,000. */
  maxKeys?: number
}

interface Season {
  firstDay: number
  /** By hour of the day (UTC): the last day on which it was read then, -1 for never. */
  lastDay: number[]
  /** On how many days, weighted as of `lastDay`. */
  days: number[]
  /** How many reads, weighted in the same way. */
  reads: number[]
}

/** What `snapshot` returns: plain JSON. */
export type SeasonSnapshot = readonly (readonly [key: string, season: Season])[]

const HOURS = 24
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * What is read at which time of the day: per key and hour, on how many of the past days it was read then, older days counting less
 * (exponential decay). Bounded in memory, pure; times are milliseconds since the epoch, hours are those of UTC.
 */
export class SeasonModel {
  readonly #options: Required<SeasonModelOptions>
  readonly #seasons = new Map<string, Season>()

  constructor(options: SeasonModelOptions = {}, snapshot: SeasonSnapshot = []) {
    this.#options = {
      dailyDecay: options.dailyDecay ?? 0.8,
      minConfidence: options.minConfidence ?? 0.5,
      minDays: options.minDays ?? 2,
      maxKeys: options.maxKeys ?? 5_000,
    }
    for (const [key, season] of snapshot) this.#seasons.set(key, structuredClone(season))
    this.#bound()
  }

  get size(): number {
    return this.#seasons.size
  }

  observe(key: string, at: number): void {
    const day = Math.floor(at / DAY_MS)
    const hour = hourOf(at)
    const season = this.#seasons.get(key) ?? newSeason(day)
    touch(this.#seasons, key, season)
    const last = season.lastDay[hour]!
    // The clock was set back: what was counted later stays.
    if (day >= last) {
      const faded = last < 0 ? 0 : this.#options.dailyDecay ** (day - last)
      season.days[hour] = season.days[hour]! * faded + (day === last ? 0 : 1)
      season.reads[hour] = season.reads[hour]! * faded + 1
      season.lastDay[hour] = day
    }
    this.#bound()
  }

  /** Keys that will probably be read in the hour of `at`, the most read first; at most `count`. */
  expected(at: number, count: number): string[] {
    const day = Math.floor(at / DAY_MS)
    const hour = hourOf(at)
    const { dailyDecay, minConfidence, minDays } = this.#options
    const found: { key: string; reads: number }[] = []
    for (const [key, { firstDay, lastDay, days, reads }] of this.#seasons) {
      const known = day - firstDay
      const last = lastDay[hour]!
      if (known < minDays || last < 0 || last >= day) continue
      const faded = dailyDecay ** (day - last)
      // The same sum for a key that was read on each of the days it is known.
      const most = dailyDecay === 1 ? known : (dailyDecay * (1 - dailyDecay ** known)) / (1 - dailyDecay)
      if ((days[hour]! * faded) / most >= minConfidence) found.push({ key, reads: reads[hour]! * faded })
    }
    return found
      .sort((a, b) => b.reads - a.reads)
      .slice(0, count)
      .map(({ key }) => key)
  }

  /** To go on with after a restart. */
  snapshot(): SeasonSnapshot {
    return [...this.#seasons].map(([key, season]) => [key, structuredClone(season)] as const)
  }

  #bound(): void {
    keepWithin(this.#seasons, this.#options.maxKeys, ({ days }) =>
      days.reduce((sum, count) => sum + count, 0),
    )
  }
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) % HOURS

const newSeason = (day: number): Season => ({
  firstDay: day,
  lastDay: Array.from({ length: HOURS }, () => -1),
  days: Array.from({ length: HOURS }, () => 0),
  reads: Array.from({ length: HOURS }, () => 0),
})
