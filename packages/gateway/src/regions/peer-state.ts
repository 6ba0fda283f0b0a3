import type { RegionsConfig, RegionPeer } from './config.ts'
import type { RegionReport } from './model.ts'

/** Of what is new in the moving average of round trips. */
const NEW_SHARE = 0.3

/** What is known of one peer from its answers. Pure: time and answers are given. */
export class PeerState {
  readonly peer: RegionPeer
  readonly #settings: Pick<RegionsConfig, 'unhealthyAfter' | 'healthyAfter'>
  state: 'waiting' | 'up' | 'down' = 'waiting'
  roundTripMs: number | undefined = undefined
  failures = 0
  #successes = 0
  why: string | undefined = undefined
  report: RegionReport | undefined = undefined
  clockSkewMs: number | undefined = undefined
  answeredAt: number | undefined = undefined
  changedAt: number | undefined = undefined

  constructor(peer: RegionPeer, settings: Pick<RegionsConfig, 'unhealthyAfter' | 'healthyAfter'>) {
    this.peer = peer
    this.#settings = settings
  }

  /** `now`: milliseconds since the epoch, when the answer came. */
  answered(report: RegionReport, tookMs: number, now: number): void {
    const { roundTripMs } = this
    this.roundTripMs = roundTripMs === undefined ? tookMs : roundTripMs + NEW_SHARE * (tookMs - roundTripMs)
    this.report = report
    this.clockSkewMs = Math.round(report.now - (now - tookMs / 2))
    this.answeredAt = now
    this.failures = 0
    this.why = undefined
    this.#successes++
    // The first answer of all is enough: nothing speaks against it.
    if (this.state === 'waiting' || this.#successes >= this.#settings.healthyAfter) this.#become('up', now)
  }

  failed(why: string, now: number): void {
    this.#successes = 0
    this.failures++
    this.why = why
    if (this.state === 'waiting' || this.failures >= this.#settings.unhealthyAfter) this.#become('down', now)
  }

  #become(state: 'up' | 'down', now: number): void {
    if (this.state === state) return
    this.state = state
    this.changedAt = now
  }

  /** Whether it takes requests for that application. */
  takes(application: string): boolean {
    return this.state === 'up' && this.report?.applications[application]?.takes === true
  }
}

/** How much nearer a region must be measured before it takes the place of one that was nearer. */
const CLEARLY = 0.8
const CLEARLY_MS = 2

/**
 * The nearest first. A region keeps its place until another is clearly nearer, so that two that are equally far do not change places
 * with each answer.
 */
export function byDistance(former: readonly PeerState[], nearest: RegionsConfig['nearest']): PeerState[] {
  const order = [...former]
  if (nearest === 'order') return order
  for (let i = 1; i < order.length; i++) {
    for (let j = i; j > 0 && isClearlyNearer(order[j]!, order[j - 1]!); j--) {
      ;[order[j - 1], order[j]] = [order[j]!, order[j - 1]!]
    }
  }
  return order
}

function isClearlyNearer({ roundTripMs: one }: PeerState, { roundTripMs: other }: PeerState): boolean {
  if (one === undefined) return false
  return other === undefined || one < other * CLEARLY - CLEARLY_MS
}
