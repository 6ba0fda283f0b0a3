import { ExponentialHistogram, quantile } from '@millrace/core/metrics'

export interface Summary {
  seconds: number
  requests: number
  requestsPerSecond: number
  /** No answer, or a status from 500. */
  errors: number
  /** Answered with 400 to 499, such as an edition that is sold out. */
  refused: number
  visitors: number
  /** Visitors that would have come, had there not been too many at once already. */
  turnedAway: number
  bytes: number
  latencyMs: { p50: number | null; p95: number | null; p99: number | null; max: number }
  cache: { hits: number; misses: number }
  errorsByReason: Record<string, number>
}

/** Counts what happens. Latencies go into a histogram, so that a run of any length takes the same memory. */
export class Recorder {
  readonly #started = performance.now()
  readonly #latency = new ExponentialHistogram()
  readonly #reasons = new Map<string, number>()
  #max = 0
  requests = 0
  errors = 0
  refused = 0
  visitors = 0
  turnedAway = 0
  bytes = 0
  hits = 0
  misses = 0

  answer(status: number, milliseconds: number, bytes: number, cache: string | undefined): void {
    this.requests++
    this.bytes += bytes
    this.#latency.record(milliseconds)
    this.#max = Math.max(this.#max, milliseconds)
    if (cache === 'HIT') this.hits++
    else if (cache === 'MISS') this.misses++
    if (status >= 500) this.#fail(`status ${status}`)
    else if (status >= 400) this.refused++
  }

  noAnswer(error: unknown): void {
    this.requests++
    this.#fail(error instanceof Error ? ((error as { code?: string }).code ?? error.message) : String(error))
  }

  #fail(reason: string): void {
    this.errors++
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }

  summary(): Summary {
    const seconds = (performance.now() - this.#started) / 1_000
    const percentile = (q: number): number | null => round(quantile(this.#latency.snapshot(), q))
    return {
      seconds: round(seconds) ?? 0,
      requests: this.requests,
      requestsPerSecond: round(this.requests / seconds) ?? 0,
      errors: this.errors,
      refused: this.refused,
      visitors: this.visitors,
      turnedAway: this.turnedAway,
      bytes: this.bytes,
      latencyMs: {
        p50: percentile(0.5),
        p95: percentile(0.95),
        p99: percentile(0.99),
        max: round(this.#max) ?? 0,
      },
      cache: { hits: this.hits, misses: this.misses },
      errorsByReason: Object.fromEntries(this.#reasons),
    }
  }
}

const round = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 10) / 10

const milliseconds = (value: number | null): string => (value === null ? '–' : `${value} ms`)

/** One line while it runs. */
export function formatLine(summary: Summary, present: number, rateNow: number): string {
  const { requests, errors, latencyMs } = summary
  return `${Math.round(summary.seconds)} s  ${rateNow} requests/s  ${present} visitors  ${requests} requests  p50 ${milliseconds(latencyMs.p50)}  p99 ${milliseconds(latencyMs.p99)}  ${errors} errors`
}

export function formatSummary(summary: Summary): string {
  const { latencyMs, cache } = summary
  const cached = cache.hits + cache.misses
  const reasons = Object.entries(summary.errorsByReason).map(([reason, count]) => `${reason}: ${count}`)
  const lines = [
    ['Requests', `${summary.requests} in ${summary.seconds} s, ${summary.requestsPerSecond} per second`],
    ['Visitors', `${summary.visitors}${summary.turnedAway > 0 ? `, ${summary.turnedAway} turned away` : ''}`],
    [
      'Latency',
      `p50 ${milliseconds(latencyMs.p50)}, p95 ${milliseconds(latencyMs.p95)}, p99 ${milliseconds(latencyMs.p99)}, max ${milliseconds(latencyMs.max)}`,
    ],
    ['Received', `${(summary.bytes / 1e6).toFixed(1)} MB`],
    ['Caches', cached === 0 ? 'none asked' : `${((100 * cache.hits) / cached).toFixed(1)} % hits`],
    ['Refused', `${summary.refused}`],
    ['Errors', `${summary.errors}${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`],
  ]
  return lines.map(([name, value]) => `${name?.padEnd(9)} ${value}`).join('\n')
}
