import type { MetricKind } from '../ports/metric.ts'

/**
 * Foreign OTLP names become Prometheus names, by the rules of the OpenTelemetry specification's page
 * "Prometheus and OpenMetrics Compatibility": dots to underscores, the unit as a suffix, `_total` on counters.
 */

const UNITS: Record<string, string> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  kBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
}

const PER: Record<string, string> = { s: 'second', m: 'minute', min: 'minute', h: 'hour', d: 'day' }

/** Annotations such as `{request}` are not units. */
function unitSuffix(unit: string): string {
  const [numerator = '', denominator] = unit.replaceAll(/\{[^}]*\}/g, '').split('/', 2)
  const main = UNITS[numerator] ?? ''
  if (denominator === undefined) return main
  const per = PER[denominator]
  return per === undefined ? main : `${main === '' ? '' : `${main}_`}per_${per}`
}

/** Letters, digits and underscores; runs collapsed; never starting with a digit. */
export function sanitizeName(name: string): string {
  const clean = name.replaceAll(/[^a-zA-Z0-9_:]/g, '_').replaceAll(/_{2,}/g, '_')
  return /^[0-9]/.test(clean) ? `_${clean}` : clean
}

/** `http.server.request.duration` in s → `http_server_request_duration_seconds`. */
export function prometheusName(name: string, unit: string, kind: MetricKind): string {
  let result = sanitizeName(name).replace(/_total$/, '')
  const suffix = unitSuffix(unit)
  if (suffix !== '' && !result.endsWith(`_${suffix}`)) result += `_${suffix}`
  if (unit === '1' && kind === 'gauge' && !result.endsWith('_ratio')) result += '_ratio'
  return kind === 'counter' ? `${result}_total` : result
}

/** `http.route` → `http_route`; names Prometheus reserves lose their leading underscores. */
export const labelName = (key: string): string =>
  sanitizeName(key)
    .replaceAll(':', '_')
    .replace(/^_+(?=[a-zA-Z])/, '')
