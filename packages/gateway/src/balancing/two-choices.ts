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

const loadOf = (backend: Candidate): number => backend.inFlight / backend.weight

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
    else return lesser(first, backend, now, random, cost)
  }
  return cheapest(backends, now, excluded, random, cost)
}

/** By chance, as weights say, when they cost the same: with few requests, all of them do. */
function lesser<Backend extends Candidate>(
  first: Backend,
  second: Backend,
  now: number,
  random: () => number,
  cost: (backend: Candidate, now: number) => number,
): Backend {
  const one = cost(first, now)
  const other = cost(second, now)
  if (other !== one) return other < one ? second : first
  // Which was drawn first is chance already.
  if (first.weight === second.weight) return first
  return random() * (first.weight + second.weight) < first.weight ? first : second
}

function cheapest<Backend extends Candidate>(
  backends: readonly Backend[],
  now: number,
  excluded: readonly Backend[] | undefined,
  random: () => number,
  cost: (backend: Candidate, now: number) => number,
): Backend | undefined {
  if (backends.length === 0) return undefined
  const start = Math.floor(random() * backends.length)
  let best: Backend | undefined
  let least = Infinity
  /** Of those that cost as little. */
  let weight = 0
  for (let i = 0; i < backends.length; i++) {
    const backend = backends[(start + i) % backends.length]!
    if (!backend.available(now) || excluded?.includes(backend) === true) continue
    const own = cost(backend, now)
    if (own < least) {
      best = backend
      least = own
      weight = backend.weight
    } else if (own === least) {
      weight += backend.weight
      if (backend.weight !== best!.weight && random() * weight < backend.weight) best = backend
    }
  }
  return best
}
