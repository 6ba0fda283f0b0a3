import type { BalanceAlgorithm } from '../config.ts'
import { LeastConnections } from './least-connections.ts'
import { RoundRobin } from './round-robin.ts'

/** What a balancer may look at. */
export interface Candidate {
  readonly weight: number
  readonly inFlight: number
  /** Whether it may get a request now: below its limit, and not taken out. */
  available(now: number): boolean
  /** The balancer's own note, kept with the backend while that exists. */
  share: number
}

/** Chooses a backend. Called once per request: allocates nothing. */
export interface Balancer {
  /** `undefined` when none is available. `excluded` were tried for this request already. */
  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined
}

export function createBalancer(algorithm: BalanceAlgorithm): Balancer {
  return algorithm === 'least-connections' ? new LeastConnections() : new RoundRobin()
}
