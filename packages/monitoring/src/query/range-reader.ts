import {
  MillraceError,
  type Clock,
  type Labels,
  type MetricReader,
  type RangeQuery,
  type RangeResult,
  type RangeSeries,
} from '@millrace/core'
import { monitoringErrors } from '../errors.ts'
import type { MonitoringInstruments } from '../metrics.ts'
import { decodeChunk } from '../storage/chunk-codec.ts'
import type { ChunkStore } from '../storage/chunk-store.ts'
import type { SeriesIndex } from '../storage/series.ts'
import type { Resolution } from '../storage/tiers.ts'
import { createAccumulator, type Accumulator } from './accumulator.ts'
import { catalogueOf, type CatalogueEntry } from './catalogue.ts'
import { latestOf, type LatestValue } from './latest.ts'
import {
  checkAggregate,
  checkRange,
  passedSeconds,
  planRange,
  planWhole,
  type Plan,
  type PlanInput,
} from './plan.ts'
import { createSelector, groupOf } from './selector.ts'
import { MAX_SERIES_READ, seamOf, type Source, type SourceFinder } from './sources.ts'

/** Lines of one answer. */
export const MAX_GROUPS = 1_000
const MAX_VALUES = 500_000
const MINUTE = 60_000

export interface RangeReaderOptions {
  index: SeriesIndex
  store: ChunkStore
  sources: SourceFinder
  metrics: MonitoringInstruments
  clock: Clock
  retentionMs: Record<Resolution, number>
}

type Question = Omit<RangeQuery, 'width'>

interface Group {
  labels: Labels
  accumulator: Accumulator
  oldestSlot: number
}

/** Answers questions over the seam between memory and PostgreSQL. */
export class RangeReader implements MetricReader {
  readonly #options: RangeReaderOptions

  constructor(options: RangeReaderOptions) {
    this.#options = options
  }

  /**
   * Times are rounded outward to whole steps; steps that have not begun to settle are left out. Throws
   * MONITORING_RANGE_INVALID, _WIDTH_INVALID, _PATTERN_INVALID, _AGGREGATE_INVALID, _RESULT_TOO_LARGE, and
   * MONITORING_STORAGE_UNAVAILABLE when the range reaches beyond memory and PostgreSQL does not answer.
   */
  async range(query: RangeQuery): Promise<RangeResult> {
    const { clock, metrics } = this.#options
    const started = clock.monotonic()
    const width = checkRange(query)
    const matches = createSelector(query.where)
    try {
      const plan = this.#plan(query, width, matches)
      // Minutes reach twelve times as far back in memory: a chart in minutes is better than none, or than a long wait.
      const inMinutes = (): Plan => this.#plan(query, width, matches, MINUTE)
      if (plan.resolution !== 'raw') return await this.#answer(query, plan, matches)
      if (this.#options.sources.storageAway && !this.#reachedByMemory(plan)) {
        return await this.#answer(query, inMinutes(), matches)
      }
      return await this.#answer(query, plan, matches).catch((error: unknown) => {
        const unavailable = error instanceof MillraceError && error.code === 'MONITORING_STORAGE_UNAVAILABLE'
        if (!unavailable) throw error
        return this.#answer(query, inMinutes(), matches)
      })
    } finally {
      metrics.queryDuration.record((clock.monotonic() - started) / 1_000)
    }
  }

  #reachedByMemory({ start }: Plan): boolean {
    const { slotMs, slotsInMemory } = this.#options.index.tiers.raw
    return start > this.#options.clock.now() - slotMs * (slotsInMemory - 1)
  }

  async #answer(query: RangeQuery, plan: Plan, matches: (labels: Labels) => boolean): Promise<RangeResult> {
    const { metric, aggregate } = query
    const { resolution, stepMs } = plan
    const sources = await this.#options.sources.find(metric, plan.start, matches)
    const first = sources[0]
    const head = { metric, aggregate, unit: first?.unit ?? '', stepMs, resolution }
    if (first === undefined) return { ...head, series: [] }
    checkAggregate(metric, first.kind, aggregate)
    const groups = await this.#accumulate(
      query,
      plan,
      sources.filter(({ kind }) => kind === first.kind),
    )
    return { ...head, series: groups.map((group) => toSeries(group, query, plan, this.#options.index.tiers)) }
  }

  /**
   * The whole range as one value per group: percentiles from one merged histogram, rates over the part of the range
   * for which there is data. The range is rounded outward to slots: 2 s up to an hour, 1 min up to three days, else 1 h.
   */
  async over(query: Omit<RangeQuery, 'width'>): Promise<{ labels: Labels; value: number }[]> {
    checkRange(query)
    const matches = createSelector(query.where)
    const plan = planWhole({ ...query, ...this.#planContext() })
    const sources = await this.#options.sources.find(query.metric, plan.start, matches)
    const [first] = sources
    if (first === undefined) return []
    checkAggregate(query.metric, first.kind, query.aggregate)
    const groups = await this.#accumulate(
      query,
      plan,
      sources.filter(({ kind }) => kind === first.kind),
    )
    const { slotMs } = this.#options.index.tiers[plan.resolution]
    return groups.flatMap(({ labels, accumulator, oldestSlot }) => {
      const end = Math.min(plan.start + plan.stepMs, plan.settledAt)
      const seconds = Math.max(slotMs, end - Math.max(plan.start, oldestSlot * slotMs)) / 1_000
      const value = plan.steps === 0 ? null : accumulator.value(0, query.aggregate, seconds)
      return value === null ? [] : [{ labels, value }]
    })
  }

  async latest(query: Parameters<MetricReader['latest']>[0]): Promise<LatestValue[]> {
    const list = this.#options.sources.inMemory(query.metric, createSelector(query.where))
    return latestOf(list, query, this.#options.clock.now())
  }

  /** What is in memory and, where PostgreSQL answers, what was seen within the retention of minutes. */
  async catalogue(): Promise<CatalogueEntry[]> {
    const { index, store, clock, retentionMs } = this.#options
    const seenSince = clock.now() - retentionMs['1m']
    const stored = await store.series({ seenSince, limit: MAX_SERIES_READ }).catch(() => [])
    return catalogueOf([...index.all(), ...stored])
  }

  #planContext(): Pick<PlanInput, 'now' | 'tiers' | 'retentionMs'> {
    const { index, clock, retentionMs } = this.#options
    return { now: clock.now(), tiers: index.tiers, retentionMs }
  }

  #plan(query: RangeQuery, width: number, matches: (labels: Labels) => boolean, leastStepMs = 0): Plan {
    const { index, sources } = this.#options
    let intervalMs = 0
    for (const series of sources.inMemory(query.metric, matches)) {
      intervalMs = Math.max(intervalMs, series.intervalMs)
    }
    // Our own senders report once per raw slot, give or take.
    if (intervalMs <= 2 * index.tiers.raw.slotMs) intervalMs = 0
    intervalMs = Math.max(intervalMs, leastStepMs)
    const { from, to } = query
    return planRange({ from, to, width, intervalMs, ...this.#planContext() })
  }

  async #accumulate(query: Question, plan: Plan, sources: readonly Source[]): Promise<Group[]> {
    const tier = this.#options.index.tiers[plan.resolution]
    const slotsPerStep = plan.stepMs / tier.slotMs
    const firstSlot = plan.start / tier.slotMs
    const lastSlot = firstSlot + plan.steps * slotsPerStep - 1
    const past = await this.#options.sources.past(query.metric, sources, plan.resolution, firstSlot, lastSlot)
    const groups = new Map<string, Group>()
    for (const source of sources) {
      const group = groupFor(groups, source, query, plan)
      const { accumulator } = group
      const stepOf = (slot: number): number => {
        if (slot < group.oldestSlot) group.oldestSlot = slot
        return Math.floor((slot - firstSlot) / slotsPerStep)
      }
      const seam = seamOf(source, plan.resolution)
      for (const { chunk, data } of past.get(source) ?? []) {
        const start = chunk * tier.slotsPerChunk
        const sink = accumulator.sink((offset) => {
          const slot = start + offset
          const outside = slot < firstSlot || slot > lastSlot || slot >= seam
          return outside ? undefined : stepOf(slot)
        })
        decodeChunk(data, sink)
      }
      const ring = source.memory?.rings[plan.resolution]
      ring?.read(Math.max(firstSlot, seam), lastSlot, accumulator.sink(stepOf))
      accumulator.endSeries()
    }
    return [...groups.values()]
  }
}

function groupFor(groups: Map<string, Group>, source: Source, query: Question, plan: Plan): Group {
  const { key, labels } = groupOf(source.labels, query.by)
  const known = groups.get(key)
  if (known !== undefined) return known
  const max = Math.min(MAX_GROUPS, Math.floor(MAX_VALUES / Math.max(1, plan.steps)))
  if (groups.size >= max) {
    throw monitoringErrors.RESULT_TOO_LARGE({ metric: query.metric, series: groups.size + 1, max })
  }
  const group = { labels, accumulator: createAccumulator(source.kind, plan.steps), oldestSlot: Infinity }
  groups.set(key, group)
  return group
}

function toSeries(
  { labels, accumulator }: Group,
  { aggregate }: Question,
  plan: Plan,
  tiers: PlanInput['tiers'],
): RangeSeries {
  const times: number[] = []
  const values: (number | null)[] = []
  for (let step = 0; step < plan.steps; step++) {
    // The running step is judged by the part of it that has passed, or every chart would end in a drop.
    const seconds = passedSeconds(plan, step, tiers)
    if (seconds === undefined && aggregate === 'rate') break
    times.push(plan.start + step * plan.stepMs)
    values.push(accumulator.value(step, aggregate, seconds ?? 1))
  }
  return { labels, times, values }
}
