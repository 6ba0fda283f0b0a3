import type { Clock } from '@millrace/core'
import type { GatewayInstruments } from '../../pools/pool-metrics.ts'
import type { GatewayTable } from '../driver.ts'
import type { HaproxyProcess } from './haproxy-process.ts'
import type { Observation } from './observation.ts'
import type { PassiveWatch } from './passive-watch.ts'
import { poolSection } from './quote.ts'
import { Traffic } from './traffic.ts'

const LOOK_MS = 1_000
/** Where backends are watched for failures. */
const WATCH_MS = 100

export interface NumbersOptions {
  clock: Clock
  instruments: GatewayInstruments
  observation: Observation
  watch: (traffic: Traffic) => PassiveWatch
  /** Undefined: it does not run. */
  process: () => HaproxyProcess | undefined
  table: () => GatewayTable
  /** A backend is to be left out, or taken back. */
  failing: () => void
  /** After each look. */
  looked: (traffic: Traffic) => Promise<void>
}

/** Asks HAProxy for its numbers, again and again, and makes metrics of them. */
export class Numbers {
  readonly traffic = new Traffic()
  readonly watch: PassiveWatch
  readonly #options: NumbersOptions
  readonly #noted = new Map<string, { retries: number; bytes: number }>()
  #asking: Promise<void> | undefined
  #stop: () => void = () => undefined

  constructor(options: NumbersOptions) {
    this.#options = options
    this.watch = options.watch(this.traffic)
    options.instruments.connections.observe(() => this.traffic.now('visitors', 'FRONTEND', 'scur'))
  }

  start(): void {
    const look = (): void => void this.look().catch(() => undefined)
    const { clock } = this.#options
    const timers = [
      clock.every(LOOK_MS, look),
      clock.every(WATCH_MS, () => {
        if (this.watch.active) look()
      }),
    ]
    this.#stop = () => timers.forEach((stop) => stop())
  }

  stop(): void {
    this.#stop()
  }

  /** Who looks while somebody does waits for the next answer. */
  async look(): Promise<void> {
    await this.#asking
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    await this.#asking
  }

  async #ask(): Promise<void> {
    const { process, clock, table, failing, looked } = this.#options
    const running = process()
    if (running?.ready !== true) return
    this.traffic.update(await running.statistics())
    if (this.watch.active && this.watch.look(this.traffic, clock.monotonic())) failing()
    for (const { name } of table().pools) this.#record(name)
    await looked(this.traffic)
  }

  #record(pool: string): void {
    const { instruments, observation } = this.#options
    const section = poolSection(pool)
    const { retries, bytes } = this.traffic.totals(section, 'BACKEND')
    const noted = this.#noted.get(pool)
    if (noted === undefined) {
      instruments.requestsInFlight.observe(() => this.traffic.now(section, 'BACKEND', 'scur'), { pool })
      instruments.requestsQueued.observe(() => this.traffic.queued(section), { pool })
    }
    const { metrics } = observation.pool(pool)
    metrics.retries.add(retries - (noted?.retries ?? 0))
    metrics.responseBytes.add(bytes - (noted?.bytes ?? 0))
    this.#noted.set(pool, { retries, bytes })
  }
}
