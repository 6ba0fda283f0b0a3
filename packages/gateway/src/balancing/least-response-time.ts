import type { Balancer, Candidate } from './balancer.ts'
import { pickOfTwo } from './two-choices.ts'

/**
 * Latency times requests in flight, the smaller of two drawn at random (Finagle's "P2C with peak EWMA"): a backend that
 * has become slow loses its traffic with its first slow answer, and is tried again when what it has to live down is
 * forgotten: an answer a hundred times slower than the others', after about 45 s. An answer with an error is an answer: what
 * fails fast is for the circuit breaker and outlier detection.
 */
export class LeastResponseTime implements Balancer {
  readonly keyed = false
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined {
    return pickOfTwo(backends, now, excluded, this.#random, costOf)
  }
}

/** Milliseconds that are assumed of one that has not answered yet: it is tried, but not by everybody at once. */
const UNKNOWN_MS = 1_000

const costOf = (backend: Candidate, now: number): number => {
  const latency = backend.latency(now)
  if (latency === 0) return (backend.inFlight * UNKNOWN_MS) / backend.weight
  return (latency * (backend.inFlight + 1)) / backend.weight
}
