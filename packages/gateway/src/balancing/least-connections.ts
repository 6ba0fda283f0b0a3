import type { Balancer, Candidate } from './balancer.ts'

/**
 * The fewest requests in flight per weight. Of equal weights the scan starts one further each time, so that idle backends
 * take turns instead of the first getting everything; of unequal ones those that are alike take turns by weight (as NGINX's
 * least_conn), so that with few requests a light one gets its share, too. Each worker sees its own requests only, which evens
 * out over many.
 */
export class LeastConnections implements Balancer {
  readonly keyed = false
  #list: readonly Candidate[] | undefined
  #equal = true
  #start = 0

  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined {
    const count = backends.length
    if (count === 0) return undefined
    if (backends !== this.#list) {
      this.#list = backends
      this.#equal = backends.every(({ weight }) => weight === backends[0]!.weight)
    }
    this.#start = (this.#start + 1) % count
    let best: Backend | undefined
    let least = Infinity
    let alike = false
    for (let i = 0; i < count; i++) {
      const backend = backends[(this.#start + i) % count]!
      if (!backend.available(now) || excluded?.includes(backend)) continue
      const load = backend.inFlight / backend.weight
      if (load === least) alike = true
      else if (load < least) {
        best = backend
        least = load
        alike = false
      }
    }
    return alike && !this.#equal ? inTurn(backends, now, excluded, least) : best
  }
}

/** Smooth weighted round robin among those of that load. */
function inTurn<Backend extends Candidate>(
  backends: readonly Backend[],
  now: number,
  excluded: readonly Backend[] | undefined,
  load: number,
): Backend | undefined {
  let total = 0
  let best: Backend | undefined
  for (const backend of backends) {
    if (backend.inFlight / backend.weight !== load || !backend.available(now)) continue
    if (excluded?.includes(backend) === true) continue
    total += backend.weight
    backend.share += backend.weight
    if (best === undefined || backend.share > best.share) best = backend
  }
  if (best !== undefined) best.share -= total
  return best
}
