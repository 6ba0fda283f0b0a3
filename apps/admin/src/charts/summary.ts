import { describeDuration } from '../time/duration.ts'
import { formatInstant } from '../time/instant.ts'
import { formatUnit, type Unit } from '../format/units.ts'
import { lastValue, type ChartData, type ChartSeries } from './align.ts'

export interface SeriesSummary {
  last: number | null
  min: number | null
  max: number | null
  /** Of the steps that have a value. */
  mean: number | null
}

export function summarise({ values }: Pick<ChartSeries, 'values'>): SeriesSummary {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return { last: null, min: null, max: null, mean: null }
  let min = Infinity
  let max = -Infinity
  let sum = 0
  for (const value of known) {
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
  }
  return { last: lastValue(values), min, max, mean: sum / known.length }
}

// A screen reader reads the whole label: more than this is better read in the table.
const SPOKEN_SERIES = 4

/** What a chart says to somebody who does not see it. */
export function describeChart(title: string, data: ChartData, unit: Unit): string {
  const shown = data.series.filter((series) => !series.compare)
  const first = data.times[0]
  const last = data.times.at(-1)
  if (first === undefined || last === undefined || shown.length === 0) return `${title}: no data.`
  const lines = shown.slice(0, SPOKEN_SERIES).map((series) => {
    const { last: now, min, max } = summarise(series)
    return `${series.label}: now ${formatUnit(now, unit)}, between ${formatUnit(min, unit)} and ${formatUnit(max, unit)}`
  })
  const rest = shown.length - lines.length
  return [
    `${title}, ${describeDuration(last - first + data.stepMs)} until ${formatInstant(last)}.`,
    `${lines.join('; ')}${rest > 0 ? `; and ${rest} more in the table` : ''}.`,
    'Arrow keys move the cursor.',
  ].join(' ')
}

/** What the cursor says at one step. */
export function describePoint(data: ChartData, index: number, unit: Unit): string {
  const at = data.times[index]
  if (at === undefined) return ''
  const values = data.series
    .filter((series) => !series.compare)
    .map((series) => `${series.label} ${formatUnit(series.values[index], unit)}`)
  return `${formatInstant(at)}: ${values.join(', ')}`
}
