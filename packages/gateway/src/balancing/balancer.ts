import type { BalanceAlgorithm } from '../config.ts'
import { IpHash } from './ip-hash.ts'
import { LeastConnections } from './least-connections.ts'
import { LeastResponseTime } from './least-response-time.ts'
import { RoundRobin } from './round-robin.ts'
import { TwoChoices } from './two-choices.ts'

/** What a balancer may look at. */
export interface Candidate {
  /** Unique in its pool. */
  readonly id: string
  readonly weight: number
  readonly inFlight: number
  /** What its answers take lately, milliseconds; 0: nothing is known. `now` is monotonic, milliseconds. */
  latency(now: number): number
  /** Whether it may get a request now: below its limit, and not taken out. */
  available(now: number): boolean
  /** The balancer's own note, kept with the backend while that exists. */
  share: number
}

/**
 * Chooses a backend. Called once per request: allocates nothing. The list is replaced, never changed in place, when
 * backends come, go or change their weight: a balancer may prepare something per list.
 */
export interface Balancer {
  /** Whether it wants `key`, so that nobody else computes one. */
  readonly keyed: boolean
  /**
   * `undefined` when none is available. `excluded` were tried for this request already. `key`: 32 bits that are the
   * same for all requests that belong together, such as a hash of the visitor's address.
   */
  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
    key?: number,
  ): Backend | undefined
}

export function createBalancer(algorithm: BalanceAlgorithm, random: () => number = Math.random): Balancer {
  return BALANCERS[algorithm](random)
}

const BALANCERS: Readonly<Record<BalanceAlgorithm, (random: () => number) => Balancer>> = {
  'round-robin': () => new RoundRobin(),
  'weighted-round-robin': () => new RoundRobin(),
  weighted: () => new RoundRobin(),
  'least-connections': () => new LeastConnections(),
  'ip-hash': () => new IpHash(),
  'least-response-time': (random) => new LeastResponseTime(random),
  'two-choices': (random) => new TwoChoices(random),
}
