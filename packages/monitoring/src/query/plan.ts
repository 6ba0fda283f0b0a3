import { AGGREGATES, type Aggregate, type MetricKind, type RangeQuery } from '@millrace/core'
import { monitoringErrors } from '../errors.ts'
import type { Resolution, Tier } from '../storage/tiers.ts'

export const DEFAULT_WIDTH = 600
export const MAX_WIDTH = 4_000
export const MAX_RANGE_DAYS = 800

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Steps people read easily; each is a multiple of the resolution that answers it. */
export const NICE_STEPS_MS: readonly number[] = [
  ...[2, 4, 10, 20, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
]

/** A raw slot counts once nothing can be on its way to it any more. */
const SETTLING_MS = 500

export interface Plan {
  resolution: Resolution
  stepMs: number
  /** Start of the first step. */
  start: number
  steps: number
  /** End of what has settled: beyond it there is nothing to show yet. */
  settledAt: number
}

export interface PlanInput {
  from: number
  to: number
  width: number
  now: number
  /** Milliseconds between the points of the slowest sender: a finer step would show gaps that are none. */
  intervalMs: number
  tiers: Record<Resolution, Tier>
  retentionMs: Record<Resolution, number>
}

export function checkRange({
  from,
  to,
  width = DEFAULT_WIDTH,
}: Pick<RangeQuery, 'from' | 'to' | 'width'>): number {
  const span = to - from
  if (!Number.isFinite(span) || span <= 0 || span > MAX_RANGE_DAYS * DAY) {
    throw monitoringErrors.RANGE_INVALID({ from, to, maxDays: MAX_RANGE_DAYS })
  }
  if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH) {
    throw monitoringErrors.WIDTH_INVALID({ width, max: MAX_WIDTH })
  }
  return width
}

const countSteps = (from: number, to: number, stepMs: number): number =>
  Math.ceil(to / stepMs) - Math.floor(from / stepMs)

function resolutionFor(
  stepMs: number,
  from: number,
  { now, retentionMs }: Pick<PlanInput, 'now' | 'retentionMs'>,
): Resolution {
  if (stepMs < MINUTE && from >= now - retentionMs.raw) return 'raw'
  if (stepMs < HOUR && from >= now - retentionMs['1m']) return '1m'
  return '1h'
}

/** The finest nice step that yields at most `width` points, and the coarsest resolution that can answer it exactly. */
export function planRange(input: PlanInput): Plan {
  const { from, to, width, now, intervalMs, tiers } = input
  // A sender is seldom exactly on time.
  const least = Math.max((to - from) / width, intervalMs * 0.95)
  let stepMs = NICE_STEPS_MS.find((step) => step >= least && countSteps(from, to, step) <= width)
  // Beyond the list only for absurdly narrow panels: whole days.
  stepMs ??= Math.ceil((to - from) / Math.max(1, width - 1) / DAY) * DAY
  const resolution = resolutionFor(stepMs, from, input)
  stepMs = Math.max(stepMs, tiers[resolution].slotMs)
  const start = Math.floor(from / stepMs) * stepMs
  const settledAt = settled(now, tiers, resolution)
  const begun = Math.ceil((settledAt - start) / stepMs)
  const steps = Math.max(0, Math.min(countSteps(from, to, stepMs), begun))
  return { resolution, stepMs, start, steps, settledAt }
}

/** The range as a single step, at the finest resolution that does not read thousands of slots per series. */
export function planWhole(input: Omit<PlanInput, 'width' | 'intervalMs'>): Plan {
  const { from, to, now, tiers } = input
  const span = to - from
  const fineness = span <= HOUR ? tiers.raw.slotMs : span <= 3 * DAY ? MINUTE : HOUR
  const resolution = resolutionFor(fineness, from, input)
  const { slotMs } = tiers[resolution]
  const start = Math.floor(from / slotMs) * slotMs
  const stepMs = Math.ceil(to / slotMs) * slotMs - start
  const settledAt = settled(now, tiers, resolution)
  return { resolution, stepMs, start, steps: settledAt > start ? 1 : 0, settledAt }
}

/** Raw slots are exact and shown when they are complete; rollups hold what has come until now. */
const settled = (now: number, tiers: PlanInput['tiers'], resolution: Resolution): number =>
  resolution === 'raw' ? Math.floor((now - SETTLING_MS) / tiers.raw.slotMs) * tiers.raw.slotMs : now

/**
 * Seconds of a step that have passed; undefined while that is too little for a rate: over a few seconds, one report
 * more or less is a large error, so that of a rollup's slot a sixth must have passed.
 */
export function passedSeconds(plan: Plan, step: number, tiers: PlanInput['tiers']): number | undefined {
  const start = plan.start + step * plan.stepMs
  const passedMs = Math.min(plan.stepMs, plan.settledAt - start)
  const leastMs = plan.resolution === 'raw' ? 0 : tiers[plan.resolution].slotMs / 6
  return passedMs < leastMs ? undefined : passedMs / 1_000
}

const ACCEPTED: Record<MetricKind, readonly Aggregate[]> = {
  counter: ['rate', 'sum'],
  gauge: ['avg', 'min', 'max', 'last', 'sum'],
  histogram: ['rate', 'sum', 'avg', 'min', 'max', 'p50', 'p90', 'p95', 'p99', 'p999'],
}

export function checkAggregate(metric: string, kind: MetricKind, aggregate: Aggregate): void {
  if (!AGGREGATES.includes(aggregate)) throw monitoringErrors.AGGREGATE_UNKNOWN({ aggregate })
  if (!ACCEPTED[kind].includes(aggregate)) {
    throw monitoringErrors.AGGREGATE_INVALID({ metric, kind, aggregate, accepted: ACCEPTED[kind] })
  }
}
