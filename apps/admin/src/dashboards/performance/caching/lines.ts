import type { RangeResult, RangeSeries } from '@millrace/core'
import {
  alignSeries,
  BEFORE,
  ratioSeries,
  sumSeries,
  type ChartData,
  type LabelledSeries,
} from '../../../charts/align.ts'
import { seriesColor, type ColorMode } from '../../../charts/palette.ts'
import { summarise } from '../../../charts/summary.ts'
import type { RangeData } from '../../../charts/use-ranges.ts'

/** More lines than this are not told apart; the rest is in the table of namespaces. */
const MAX_NAMESPACES = 7

/** In the order in which a read asks them. */
const TIERS = ['memory', 'shared'] as const
export const TIER_TITLES: Readonly<Record<string, string>> = {
  memory: 'memory',
  shared: 'Redis',
  http: 'HTTP cache',
  edge: 'edge',
}

const titleOf = (tier: string): string => TIER_TITLES[tier] ?? tier

/** As `withPrevious` of the traffic charts, for lines that need several results at once. */
function compared(
  { window, results, previous }: RangeData,
  mode: ColorMode,
  lines: (results: readonly RangeResult[]) => LabelledSeries[],
): ChartData {
  const present = lines(results).map((line, index) => ({
    ...line,
    color: line.color ?? seriesColor(index, mode),
  }))
  const colors = new Map(present.map(({ label, color }) => [label, color]))
  const past = (previous === undefined ? [] : lines(previous)).flatMap((line) => {
    const color = colors.get(line.label)
    if (color === undefined) return []
    return [
      { ...line, color, label: `${line.label}${BEFORE}`, compare: true, shiftMs: window.to - window.from },
    ]
  })
  return alignSeries([...present, ...past], Math.max(...results.map(({ stepMs }) => stepMs), 1))
}

const all = (result: RangeResult | undefined): RangeSeries => sumSeries(result?.series ?? [])
const having = (result: RangeResult | undefined, label: string, value: string): RangeSeries =>
  sumSeries((result?.series ?? []).filter(({ labels }) => labels[label] === value))
const known = ({ values }: RangeSeries): boolean => values.some((value) => value !== null)

/** Hits per read that came as far as each tier, and over all of them. */
export const buildTierRatios = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([hits, misses]) => {
    const missed = all(misses)
    const lines: LabelledSeries[] = []
    for (const [index, tier] of TIERS.entries()) {
      const own = having(hits, 'tier', tier)
      if (!known(own)) continue
      const beyond = TIERS.slice(index).map((later) => having(hits, 'tier', later))
      lines.push({ label: titleOf(tier), series: ratioSeries(own, sumSeries([...beyond, missed])) })
    }
    const total = all(hits)
    // One tier alone is the whole.
    if (lines.length !== 1 || !known(total))
      lines.push({ label: 'all tiers', series: ratioSeries(total, sumSeries([total, missed])) })
    return lines
  })

/** Who answered: each tier, or nobody. */
export const buildReads = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([hits, misses]) => [
    ...TIERS.map((tier) => ({ label: `from ${titleOf(tier)}`, series: having(hits, 'tier', tier) })).filter(
      ({ series }) => known(series),
    ),
    { label: 'missed', series: all(misses) },
  ])

/** Hit ratio of the namespaces that are read most. */
export const buildNamespaceRatios = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([hits, misses]) =>
    largest([...(hits?.series ?? []), ...(misses?.series ?? [])], 'namespace').map((namespace) => {
      const own = having(hits, 'namespace', namespace)
      return {
        label: namespace,
        series: ratioSeries(own, sumSeries([own, having(misses, 'namespace', namespace)])),
      }
    }),
  )

/** The values of a label with the largest means, in the order of their names so that colours stay with them. */
function largest(series: readonly RangeSeries[], label: string): string[] {
  const weights = new Map<string, number>()
  for (const line of series) {
    const name = line.labels[label] ?? ''
    weights.set(name, (weights.get(name) ?? 0) + (summarise({ values: line.values }).mean ?? 0))
  }
  return [...weights]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_NAMESPACES)
    .map(([name]) => name)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

const NEUTRAL: Record<ColorMode, string> = { light: '#6b6f76', dark: '#a7adb8' }

/** A limit far above everything would press all lines onto the axis; the tiers above say it in any case. */
const NEAR_LIMIT = 0.5

const nearLimit = (used: RangeSeries, limit: RangeSeries): boolean =>
  (summarise({ values: used.values }).max ?? 0) >
  NEAR_LIMIT * (summarise({ values: limit.values }).max ?? Infinity)

/** Levels by namespace, with the limit of all of them once they come near it. */
export const buildLevels = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([levels, limit]) => {
    const lines: LabelledSeries[] = largest(levels?.series ?? [], 'namespace').map((namespace) => ({
      label: namespace,
      series: having(levels, 'namespace', namespace),
    }))
    const bound = all(limit)
    return nearLimit(all(levels), bound)
      ? [...lines, { label: 'limit', series: bound, color: NEUTRAL[mode] }]
      : lines
  })

/** Rates by namespace, the largest first to survive the limit of lines. */
export const buildByNamespace = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([rates]) =>
    largest(rates?.series ?? [], 'namespace').map((namespace) => ({
      label: namespace,
      series: having(rates, 'namespace', namespace),
    })),
  )

const SPARED = ['waited for a load under way', 'renewed before expiry', 'served stale'] as const

/** What the origin was spared beyond ordinary hits. */
export const buildSpared = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, (results) =>
    SPARED.map((label, index) => ({ label, series: all(results[index]) })).filter(({ series }) =>
      known(series),
    ),
  )

const STATUS_ORDER = ['hit', 'stale', 'revalidated', 'miss', 'bypass', 'error']

/** How the gateway's cache answered. */
export const buildHttp = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([responses]) => {
    const found = new Set((responses?.series ?? []).map(({ labels }) => labels['status'] ?? ''))
    return [...found]
      .toSorted((a, b) => STATUS_ORDER.indexOf(a) - STATUS_ORDER.indexOf(b))
      .map((status) => ({
        label: status,
        series: having(responses, 'status', status),
        color: seriesColor(Math.max(0, STATUS_ORDER.indexOf(status)), mode),
      }))
  })

export const buildSaved = (data: RangeData, mode: ColorMode): ChartData =>
  compared(data, mode, ([saved]) => (saved?.series.length ? [{ label: 'saved', series: all(saved) }] : []))
