import type { Logger } from '@millrace/core'
import { ExponentialHistogram } from '@millrace/core/metrics'
import { PoolMetrics, type GatewayInstruments } from '../../pools/pool-metrics.ts'
import type { SplitRecords } from '../../splitting/split-records.ts'
import { parseLogLine, type LoggedRequest } from './log-line.ts'

const NOTICE = /^\[(NOTICE|WARNING|ALERT)\]\s*\(\d+\)\s*:\s*(.*)$/
const LEVELS = { NOTICE: 'debug', WARNING: 'info', ALERT: 'error' } as const

interface Observed {
  metrics: PoolMetrics
  duration: ExponentialHistogram
}

/** Why a backend failed a request, from HAProxy's termination state; undefined when it did not (section 8.5). */
function failureReason(termination: string): string | undefined {
  const [cause, phase] = [termination[0], termination[1]]
  if (cause === 's') return phase === 'Q' ? undefined : phase === 'C' ? 'connect' : 'timeout'
  if (cause !== 'S') return undefined
  return phase === 'C' ? 'connect' : 'reset'
}

/** Turns what HAProxy writes into metrics, the access log, and lines of the log. */
export class Observation {
  readonly #instruments: GatewayInstruments
  readonly #logger: Logger
  readonly #accessLog: Logger | undefined
  readonly #observeEvery: number
  readonly #splits: SplitRecords
  readonly #pools = new Map<string, Observed>()

  constructor(options: {
    instruments: GatewayInstruments
    logger: Logger
    accessLog: Logger | undefined
    /** Each line stands for so many requests. */
    observeEvery: number
    splits: SplitRecords
  }) {
    this.#instruments = options.instruments
    this.#logger = options.logger
    this.#accessLog = options.accessLog
    this.#observeEvery = options.observeEvery
    this.#splits = options.splits
  }

  pool(name: string): Observed {
    let pool = this.#pools.get(name)
    if (pool === undefined) {
      pool = { metrics: new PoolMetrics(name, this.#instruments), duration: new ExponentialHistogram() }
      this.#pools.set(name, pool)
    }
    return pool
  }

  line(line: string): void {
    const request = parseLogLine(line)
    if (request === undefined) {
      const [, level, text] = NOTICE.exec(line) ?? []
      if (level !== undefined) this.#logger[LEVELS[level as keyof typeof LEVELS]](text!)
      else if (line !== '') this.#logger.debug(line)
      return
    }
    if (request.split !== undefined) this.#recordSplit(request, request.split)
    if (request.pool !== undefined && !request.unseen) this.#record(request, this.pool(request.pool))
    if (this.#accessLog !== undefined) logRequest(this.#accessLog, request)
  }

  #recordSplit(
    { status, durationMs }: LoggedRequest,
    { name, pool, fellBack }: NonNullable<LoggedRequest['split']>,
  ): void {
    const outcome = fellBack ? 'fallback' : status === 499 ? 'left' : status >= 500 ? 'error' : 'ok'
    this.#splits.part(name, pool)?.record(outcome, durationMs / 1_000, false)
  }

  #record(request: LoggedRequest, { metrics, duration }: Observed): void {
    const seconds = request.durationMs / 1_000
    const histogram = metrics.duration(request.method, request.status)
    const reason = failureReason(request.termination)
    for (let i = 0; i < this.#observeEvery; i++) {
      duration.record(seconds)
      histogram.record(seconds)
      if (reason !== undefined) metrics.upstreamError(reason)
    }
  }
}

/** The same record as the engine `node` writes, but for `bytes`, which has the headers in it. */
function logRequest(log: Logger, request: LoggedRequest): void {
  const { termination: _termination, unseen: _unseen, attempts, split, ...record } = request
  log.info({ ...record, attempts, ...(split === undefined ? {} : { split: `${split.name}=${split.pool}` }) })
}
