import type { Balancer, Candidate } from './balancer.ts'

/**
 * Smooth weighted round robin (NGINX, 2012): each candidate gains its weight, the largest is taken and pays the sum.
 * With unequal weights a heavy backend is not hit in bursts, and every backend is looked at. With equal ones it is plain
 * rotation, and costs the same for a thousand backends as for two.
 */
export class RoundRobin implements Balancer {
  readonly keyed = false
  #list: readonly Candidate[] | undefined
  #equal = true
  #next = -1

  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined {
    if (backends !== this.#list) this.#prepare(backends)
    return this.#equal ? this.#rotate(backends, now, excluded) : smooth(backends, now, excluded)
  }

  #prepare(backends: readonly Candidate[]): void {
    this.#list = backends
    this.#equal = backends.every(({ weight }) => weight === backends[0]!.weight)
    // Several workers must not all begin with the same backend; `share` is random where that matters.
    if (this.#next < 0 && backends.length > 0)
      this.#next = Math.floor(Math.abs(backends[0]!.share) * 2 * backends.length)
  }

  #rotate<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined {
    const count = backends.length
    for (let tries = 0; tries < count; tries++) {
      const backend = backends[this.#next % count]!
      this.#next = (this.#next + 1) % count
      // One that is passed over is nobody's turn: the others go on in turn, and none gets two.
      if (backend.available(now) && excluded?.includes(backend) !== true) return backend
    }
    return undefined
  }
}

function smooth<Backend extends Candidate>(
  backends: readonly Backend[],
  now: number,
  excluded?: readonly Backend[],
): Backend | undefined {
  let total = 0
  let best: Backend | undefined
  for (const backend of backends) {
    if (!backend.available(now) || excluded?.includes(backend) === true) continue
    total += backend.weight
    backend.share += backend.weight
    if (best === undefined || backend.share > best.share) best = backend
  }
  if (best !== undefined) best.share -= total
  return best
}
