import type { Balancer, Candidate } from './balancer.ts'

/** Draws before every backend is looked at. */
const DRAWS = 4

/**
 * The less loaded of two drawn at random (Mitzenmacher, "The power of two choices in randomized load balancing", 1996):
 * nearly as even as looking at all of them, at the same cost for any number of backends, and without the herd that
 * forms when many gateways send to the one that seemed idle.
 */
export class TwoChoices implements Balancer {
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
    return pickOfTwo(backends, now, excluded, this.#random, loadOf)
  }
}

const loadOf = (backend: Candidate): number => (backend.inFlight + 1) / backend.weight

/** The one of two distinct available backends that costs less; the only one, or the cheapest of all, when two are hard to find. */
export function pickOfTwo<Backend extends Candidate>(
  backends: readonly Backend[],
  now: number,
  excluded: readonly Backend[] | undefined,
  random: () => number,
  cost: (backend: Candidate, now: number) => number,
): Backend | undefined {
  const count = backends.length
  let first: Backend | undefined
  // Of two, looking at both is cheaper than drawing them.
  const draws = count > 2 ? DRAWS : 0
  for (let draw = 0; draw < draws; draw++) {
    const backend = backends[Math.floor(random() * count)]!
    if (backend === first || !backend.available(now) || excluded?.includes(backend) === true) continue
    if (first === undefined) first = backend
    else return cost(backend, now) < cost(first, now) ? backend : first
  }
  return cheapest(backends, now, excluded, cost, count === 0 ? 0 : Math.floor(random() * count))
}

function cheapest<Backend extends Candidate>(
  backends: readonly Backend[],
  now: number,
  excluded: readonly Backend[] | undefined,
  cost: (backend: Candidate, now: number) => number,
  start: number,
): Backend | undefined {
  let best: Backend | undefined
  let least = Infinity
  for (let i = 0; i < backends.length; i++) {
    const backend = backends[(start + i) % backends.length]!
    if (!backend.available(now) || excluded?.includes(backend) === true) continue
    const own = cost(backend, now)
    if (own < least) {
      best = backend
      least = own
    }
  }
  return best
}
