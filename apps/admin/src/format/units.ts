/** UCUM codes as the metrics declare them, plus the derived ones of the panel (`req/s`, `ratio`). */
export type Unit = string

const NONE = '–'

function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits)
  return digits === 0 ? text : text.replace(/\.?0+$/, '')
}

/** Three significant digits without exponents: 0.0123, 1.23, 12.3, 123, 1,230. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1_000) return Math.round(value).toLocaleString('en')
  if (size >= 100) return fixed(value, 0)
  if (size >= 10) return fixed(value, 1)
  if (size >= 1) return fixed(value, 2)
  if (size >= 0.01) return fixed(value, 3)
  return value.toPrecision(2)
}

function scaled(value: number, base: number, names: readonly string[]): [string, string] {
  let index = 0
  let rest = value
  while (Math.abs(rest) >= base && index < names.length - 1) {
    rest /= base
    index++
  }
  return [formatNumber(rest), names[index]!]
}

function seconds(value: number): [string, string] {
  const size = Math.abs(value)
  if (size === 0) return ['0', 'ms']
  if (size < 1e-3) return [formatNumber(value * 1e6), 'µs']
  if (size < 1) return [formatNumber(value * 1e3), 'ms']
  if (size < 120) return [formatNumber(value), 's']
  if (size < 7_200) return [formatNumber(value / 60), 'min']
  return [formatNumber(value / 3_600), 'h']
}

/**
 * Number and unit apart, so that a tile can set them in different sizes. Seconds become µs/ms/s, bytes become
 * KiB/MiB, ratios become percent. A missing value is a dash: never zero.
 */
export function splitUnit(value: number | null | undefined, unit: Unit): [number: string, unit: string] {
  if (value === null || value === undefined || !Number.isFinite(value)) return [NONE, '']
  switch (unit) {
    case 's':
      return seconds(value)
    case 'By':
      return scaled(value, 1_024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
    case 'By/s':
      return scaled(value, 1_024, ['B/s', 'KiB/s', 'MiB/s', 'GiB/s'])
    case 'ratio':
      return [formatNumber(value * 100), '%']
    case '1':
    case '':
      return scaled(value, 1_000_000, ['', 'M'])
    default:
      return [formatNumber(value), unit.replace(/^\{(.*)\}$/, '$1')]
  }
}

export function formatUnit(value: number | null | undefined, unit: Unit): string {
  const [number, suffix] = splitUnit(value, unit)
  if (suffix === '') return number
  return suffix === '%' ? `${number}%` : `${number} ${suffix}`
}

/** Labels of an axis: one common unit, chosen by the largest tick, and only as many decimals as the steps need. */
export function formatTicks(ticks: readonly number[], unit: Unit): string[] {
  const largest = Math.max(...ticks.map(Math.abs), 0)
  const [, suffix] = splitUnit(largest, unit)
  return ticks.map((tick) => {
    if (tick === 0) return '0'
    const [number, own] = splitUnit(tick, unit)
    if (own === suffix) return suffix === '' ? number : suffix === '%' ? `${number}%` : `${number} ${suffix}`
    return formatUnit(tick, unit)
  })
}

/** The unit of an aggregate of a metric: a rate of requests is per second, of bytes is By/s, of CPU seconds cores. */
export function unitOfAggregate(unit: Unit, aggregate: string, kind?: string): Unit {
  if (aggregate !== 'rate') return unit
  if (kind === 'histogram') return '/s'
  if (unit === 'By') return 'By/s'
  if (unit === 's') return 'ratio'
  return '/s'
}

/** Relative change in percent, signed, for a tile: `+12%`, `−3.4%`; undefined when there is nothing to compare. */
export function formatChange(
  now: number | null | undefined,
  before: number | null | undefined,
): string | undefined {
  if (now === null || now === undefined || before === null || before === undefined || before === 0)
    return undefined
  const change = (now - before) / Math.abs(before)
  if (!Number.isFinite(change)) return undefined
  if (Math.abs(change) < 0.0005) return '±0%'
  if (Math.abs(change) >= 10) return `${change > 0 ? '×' : '−'}${formatNumber(Math.abs(now / before))}`
  const digits = Math.abs(change) >= 0.1 ? 0 : 1
  return `${change > 0 ? '+' : '−'}${fixed(Math.abs(change) * 100, digits)}%`
}
