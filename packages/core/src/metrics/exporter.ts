import { postTelemetry, type TelemetrySender } from './telemetry-sender.ts'
import { encodeOtlp, type MetricSnapshot, type TelemetryResource } from './otlp.ts'
import { systemClock, type Clock } from '../clock/clock.ts'
import type { TelemetryTarget } from '../host/host.ts'
import type { Logger } from '../logger/logger.ts'
import type { MetricRegistry } from './registry.ts'

export interface ExporterOptions {
  registry: MetricRegistry
  /** `<url>/v1/metrics` is posted to. */
  target: TelemetryTarget
  resource: TelemetryResource
  /** Default 2,000. */
  intervalMs?: number
  /** Pushes kept while the receiver cannot be reached; then the oldest is dropped and counted. Default 60. */
  maxBufferedPushes?: number
  /** Bytes kept likewise. Default 8 MiB. */
  maxBufferedBytes?: number
  /** One request takes at most this long. Default 5,000. */
  timeoutMs?: number
  clock?: Clock
  logger?: Pick<Logger, 'info' | 'warn'>
}

export interface ExporterStats {
  sent: number
  /** Pushes lost: the buffer was full, or the receiver refused them for good. */
  dropped: number
  buffered: number
}

export interface Exporter {
  /** Sends what was recorded up to now. Resolves when done or at the deadline (default 1,000 ms); never rejects. */
  flush(options?: { deadlineMs?: number }): Promise<void>
  /** Flushes once more and closes the connection. */
  stop(options?: { deadlineMs?: number }): Promise<void>
  stats(): ExporterStats
}

/** In a row: ten seconds at the usual interval. */
const WARN_AFTER_FAILURES = 5

// The receiver read these and will never accept them; everything else is worth another attempt.
const REFUSED = new Set([400, 413, 415, 422])

class PushExporter implements Exporter {
  readonly #options: ExporterOptions
  readonly #clock: Clock
  readonly #sender: TelemetrySender
  readonly #buffer: string[] = []
  readonly #startedAt: number
  readonly #aborter = new AbortController()
  #bufferedBytes = 0
  #previous: MetricSnapshot | undefined
  #draining: Promise<void> | undefined
  #failures = 0
  #sent = 0
  #dropped = 0

  constructor(options: ExporterOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#sender = postTelemetry(options.target, options.timeoutMs ?? 5_000)
    this.#startedAt = this.#clock.now()
    void this.#run(options.intervalMs ?? 2_000)
  }

  stats(): ExporterStats {
    return { sent: this.#sent, dropped: this.#dropped, buffered: this.#buffer.length }
  }

  async flush(options: { deadlineMs?: number } = {}): Promise<void> {
    // This timer is the only thing that keeps a process alive, and only while somebody waits for the flush.
    const { promise, resolve } = deferred()
    const timer = setTimeout(resolve, options.deadlineMs ?? 1_000)
    this.#collect()
    await Promise.race([promise, this.#drain()])
    clearTimeout(timer)
  }

  async stop(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#aborter.abort()
    await this.flush(options)
    this.#sender.close()
  }

  /**
   * Pushes at a fixed phase of the wall clock's intervals: a plain interval drifts, and would now and then put two
   * pushes into one slot of the storage and none into the next. The phase is random, so that a hundred instances do not
   * push in the same millisecond, and keeps away from the slots' edges, which a late timer would cross.
   */
  async #run(intervalMs: number): Promise<void> {
    const phase = intervalMs * (0.1 + 0.8 * Math.random())
    const { signal } = this.#aborter
    while (!signal.aborted) {
      const past = (this.#clock.now() - phase) % intervalMs
      // A timer may fire a little early; that must not make another tick of the same interval.
      const waitMs = intervalMs - past + (intervalMs - past < intervalMs / 4 ? intervalMs : 0)
      const due = await this.#clock.sleep(waitMs, signal).then(
        () => true,
        () => false,
      )
      if (!due) return
      this.#collect()
      void this.#drain()
    }
  }

  #collect(): void {
    try {
      const encoded = encodeOtlp({
        source: this.#options.registry,
        previous: this.#previous,
        resource: this.#options.resource,
        at: this.#clock.now(),
        startedAt: this.#startedAt,
      })
      this.#previous = encoded.snapshot
      if (encoded.points > 0) this.#push(encoded.body)
    } catch (error) {
      // A label or an observer that misbehaves must not end in the application.
      this.#options.logger?.warn({ err: error }, 'metrics could not be collected')
    }
  }

  #push(body: string): void {
    this.#buffer.push(body)
    this.#bufferedBytes += body.length
    const { maxBufferedPushes = 60, maxBufferedBytes = 8 * 1024 * 1024 } = this.#options
    while (this.#buffer.length > maxBufferedPushes || this.#bufferedBytes > maxBufferedBytes) this.#drop()
  }

  #drop(): void {
    this.#bufferedBytes -= this.#buffer.shift()?.length ?? 0
    this.#dropped++
    this.#options.registry
      .counter({
        name: 'millrace_exporter_dropped_pushes_total',
        help: 'Telemetry pushes lost because the receiver was away for too long or refused them.',
        unit: '1',
      })
      .add()
  }

  /** One request in flight, oldest first; stops at the first failure until the next tick. */
  #drain(): Promise<void> {
    this.#draining ??= this.#sendAll().finally(() => (this.#draining = undefined))
    return this.#draining
  }

  async #sendAll(): Promise<void> {
    for (let body = this.#buffer[0]; body !== undefined; body = this.#buffer[0]) {
      const result = await this.#sender.send(body)
      // While it was sent, a full buffer may have dropped it.
      const stillFirst = this.#buffer[0] === body
      if (result.status !== undefined && REFUSED.has(result.status)) {
        if (stillFirst) this.#drop()
      } else if (result.status === undefined || result.status >= 300) {
        // A receiver that is just starting is no news: the buffer bridges that.
        if (++this.#failures === WARN_AFTER_FAILURES)
          this.#options.logger?.warn({ reason: result.reason }, 'telemetry cannot be delivered')
        return
      } else if (stillFirst) {
        this.#bufferedBytes -= body.length
        this.#buffer.shift()
        this.#sent++
      }
      if (this.#failures >= WARN_AFTER_FAILURES)
        this.#options.logger?.info({ buffered: this.#buffer.length }, 'telemetry is delivered again')
      this.#failures = 0
    }
  }
}

// Promise.withResolvers is missing in Node 20, where the agent still has to run.
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}

/**
 * Pushes a registry's deltas to the platform: OTLP/HTTP JSON at a fixed interval, one request in flight, over one
 * kept-alive connection. Nothing here keeps the process alive or throws into it; what cannot be delivered is buffered
 * up to the bound, so that a restart of the receiver loses nothing.
 */
export function startExporter(options: ExporterOptions): Exporter {
  return new PushExporter(options)
}
