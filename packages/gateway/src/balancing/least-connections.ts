import type { Balancer, Candidate } from './balancer.ts'

/**
 * The fewest requests in flight per weight. The scan starts one further each time, so that idle backends take turns
 * instead of the first getting everything. Each worker sees its own requests only, which evens out over many.
 */
export class LeastConnections implements Balancer {
  readonly keyed = false
  #start = 0

  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined {
    const count = backends.length
    if (count === 0) return undefined
    this.#start = (this.#start + 1) % count
    let best: Backend | undefined
    let bestLoad = Infinity
    for (let i = 0; i < count; i++) {
      const backend = backends[(this.#start + i) % count]!
      if (!backend.available(now) || excluded?.includes(backend)) continue
      const load = (backend.inFlight + 1) / backend.weight
      if (load < bestLoad) {
        best = backend
        bestLoad = load
      }
    }
    return best
  }
}
