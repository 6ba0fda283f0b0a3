import type { Random } from '@millrace-store/store/data'

/** Relative intensity at each full hour, midnight first: asleep at four, lunch, and most of it in the evening. */
const HOURS = [
  0.45, 0.3, 0.22, 0.18, 0.17, 0.22, 0.35, 0.6, 0.85, 1, 1.1, 1.2, 1.35, 1.25, 1.1, 1.1, 1.2, 1.35, 1.6, 1.85,
  2, 1.8, 1.3, 0.8,
]
const MEAN = HOURS.reduce((sum, value) => sum + value, 0) / HOURS.length

/** The intensity at a moment of the day (0–1, midnight to midnight); its mean over a day is 1. */
export function dailyShape(dayShare: number): number {
  const hour = (dayShare - Math.floor(dayShare)) * HOURS.length
  const before = Math.floor(hour)
  const from = HOURS[before % HOURS.length] as number
  const to = HOURS[(before + 1) % HOURS.length] as number
  return (from + (to - from) * (hour - before)) / MEAN
}

/** A newsletter, a mention, a sale: for a while several times as many visitors. */
export interface Spike {
  /** Share of the day. */
  start: number
  length: number
  factor: number
}

/** The spikes of one day; half of the days have none, others up to three. */
export function createSpikes(random: Random): Spike[] {
  if (random.chance(0.5)) return []
  return Array.from({ length: random.int(1, 3) }, () => ({
    start: random.next() * 0.97,
    length: 0.01 + random.next() * 0.02,
    factor: 2 + random.next() * 2,
  }))
}

export interface RateOptions {
  /** Mean arrivals per second. */
  rate: number
  /** Minutes that one day takes; undefined: no daily shape and no spikes. */
  dayMinutes?: number
  random: Random
}

/** Arrivals per second at `seconds` after the start, and a bound that it never passes. */
export function createRate(options: RateOptions): { at: (seconds: number) => number; max: number } {
  const { rate, dayMinutes, random } = options
  if (dayMinutes === undefined) return { at: () => rate, max: rate }
  const days = new Map<number, Spike[]>()
  const spikesOf = (day: number): Spike[] => {
    const known = days.get(day) ?? createSpikes(random)
    days.set(day, known)
    return known
  }
  const at = (seconds: number): number => {
    // A run begins in the morning.
    const elapsed = seconds / (dayMinutes * 60) + 8 / 24
    const share = elapsed - Math.floor(elapsed)
    const spikes = spikesOf(Math.floor(elapsed)).filter(
      (spike) => share >= spike.start && share < spike.start + spike.length,
    )
    return rate * dailyShape(share) * spikes.reduce((factor, spike) => Math.max(factor, spike.factor), 1)
  }
  return { at, max: rate * (Math.max(...HOURS) / MEAN) * 4 }
}

/**
 * Moments of arrival, in seconds after the start, of a Poisson process whose rate changes with time: candidates at the
 * highest rate, each kept with the probability rate(t) / max (thinning, Lewis and Shedler 1979).
 */
export function* arrivals(
  rate: { at: (seconds: number) => number; max: number },
  random: Random,
): Generator<number> {
  let seconds = 0
  for (;;) {
    // 1 - next() is never 0, so the logarithm is finite.
    seconds -= Math.log(1 - random.next()) / rate.max
    if (random.next() * rate.max < rate.at(seconds)) yield seconds
  }
}
