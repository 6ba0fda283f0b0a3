import type { Clock, Logger } from '@millrace/core'
import { createInstruments, type Instruments, type MetricRegistry } from '@millrace/core/metrics'
import { Pool } from 'undici'
import { gatewayMetrics } from '../metrics.ts'
import { askRegion } from './ask-region.ts'
import { regionsOf, type RegionPeer, type RegionsConfig } from './config.ts'
import type { RegionModel, RegionsModel } from './model.ts'
import { byDistance, PeerState } from './peer-state.ts'

export interface RegionMonitorOptions {
  config: RegionsConfig
  clock: Clock
  logger: Logger
  registry: MetricRegistry
  /** Regions, their order or what they can take have changed. */
  onChange: () => void
}

/** Asks the other regions again and again, each on a connection that is kept, so that a round trip is measured and no handshake. */
export class RegionMonitor {
  readonly #options: RegionMonitorOptions
  readonly #connections = new Map<PeerState, Pool>()
  readonly #aborter = new AbortController()
  readonly #asking = new Set<Promise<void>>()
  readonly #busy = new Set<PeerState>()
  readonly #instruments: Instruments<Pick<typeof gatewayMetrics, 'regionUp' | 'regionRoundTrip'>>
  #order: PeerState[]
  #seen = ''
  #stopTimer: () => void = () => undefined

  constructor(options: RegionMonitorOptions) {
    this.#options = options
    const { peers, timeoutMs } = options.config
    const { regionUp, regionRoundTrip } = gatewayMetrics
    this.#instruments = createInstruments(options.registry, 'gateway', { regionUp, regionRoundTrip })
    this.#order = peers.map((peer) => new PeerState(peer, options.config))
    for (const state of this.#order) {
      this.#connections.set(
        state,
        new Pool(new URL(state.peer.url).origin, {
          connections: 1,
          allowH2: false,
          connectTimeout: timeoutMs,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        }),
      )
    }
  }

  /** Nearest first; those that are down as well. */
  get peers(): readonly PeerState[] {
    return this.#order
  }

  start(): void {
    const { clock, config } = this.#options
    if (config.peers.length === 0) return
    const round = (): void => {
      for (const state of this.#connections.keys()) this.#begin(state)
    }
    round()
    this.#stopTimer = clock.every(config.intervalMs, round)
  }

  /** One question at a time per peer: a slow one is not asked twice. */
  #begin(state: PeerState): void {
    if (this.#busy.has(state)) return
    this.#busy.add(state)
    const asked = this.#ask(state).finally(() => {
      this.#busy.delete(state)
      this.#asking.delete(asked)
    })
    this.#asking.add(asked)
  }

  async #ask(state: PeerState): Promise<void> {
    const { config, clock, logger } = this.#options
    const regions = regionsOf(config)
    if (regions === undefined) return
    const { self, secret, timeoutMs } = regions
    const since = clock.monotonic()
    const former = state.state
    try {
      const asking = { self, secret, timeoutMs, now: () => clock.now() }
      const report = await askRegion(asking, state.peer, this.#connections.get(state)!, this.#aborter.signal)
      state.answered(report, clock.monotonic() - since, clock.now())
    } catch (error) {
      if (this.#aborter.signal.aborted) return
      state.failed((error as Error).message, clock.now())
    }
    this.#order = byDistance(this.#order, config.nearest)
    this.#record(state)
    if (state.state !== former) {
      const fields = { region: state.peer.name, roundTripMs: state.roundTripMs, reason: state.why }
      if (state.state === 'up') logger.info(fields, 'a region answers')
      else logger.warn(fields, 'a region does not answer and gets no requests')
    }
    const seen = JSON.stringify(this.#order.map((one) => [one.peer.name, one.state, takenBy(one)]))
    if (seen === this.#seen) return
    this.#seen = seen
    this.#options.onChange()
  }

  #record({ peer: { name: region }, state, roundTripMs }: PeerState): void {
    const instruments = this.#instruments
    instruments.regionUp.with({ region }).set(state === 'up' ? 1 : 0)
    if (roundTripMs !== undefined) instruments.regionRoundTrip.with({ region }).set(roundTripMs / 1_000)
  }

  model(): RegionsModel {
    const { self, mode } = this.#options.config
    const up = this.#order.filter(({ state }) => state === 'up')
    return {
      self: this.#order.length === 0 ? null : (self ?? null),
      mode,
      peers: this.#order.map((state) => modelOf(state, up.indexOf(state) + 1)),
    }
  }

  async stop(): Promise<void> {
    this.#stopTimer()
    this.#aborter.abort()
    await Promise.all(this.#asking)
    await Promise.all([...this.#connections.values()].map((pool) => pool.destroy()))
  }
}

/** The applications that it takes requests for. */
const takenBy = (state: PeerState): string[] =>
  Object.keys(state.report?.applications ?? {}).filter((application) => state.takes(application))

const urlOf = ({ url }: RegionPeer): string => new URL(url).origin

const modelOf = (state: PeerState, rank: number): RegionModel => ({
  name: state.peer.name,
  url: urlOf(state.peer),
  state: state.state,
  rank: rank === 0 ? null : rank,
  roundTripMs: state.roundTripMs === undefined ? null : Math.round(state.roundTripMs * 100) / 100,
  why: state.why ?? null,
  clockSkewMs: state.clockSkewMs ?? null,
  failures: state.failures,
  answeredAt: state.answeredAt ?? null,
  changedAt: state.changedAt ?? null,
  applications: state.report?.applications ?? {},
})
