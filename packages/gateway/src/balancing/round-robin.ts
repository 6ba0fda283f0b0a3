import type { Balancer, Candidate } from './balancer.ts'

/**
 * Smooth weighted round robin (NGINX, 2012): each candidate gains its weight, the largest is taken and pays the sum.
 * With equal weights this is plain rotation; with unequal ones a heavy backend is not hit in bursts.
 */
export class RoundRobin implements Balancer {
  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
  ): Backend | undefined {
    let total = 0
    let best: Backend | undefined
    for (const backend of backends) {
      if (!backend.available(now) || excluded?.includes(backend)) continue
      total += backend.weight
      backend.share += backend.weight
      if (best === undefined || backend.share > best.share) best = backend
    }
    if (best !== undefined) best.share -= total
    return best
  }
}
