import type { Candidate } from '../../src/balancing/balancer.ts'

/** A backend as balancers see it. */
export class TestCandidate implements Candidate {
  readonly id: string
  weight: number
  inFlight = 0
  share = 0
  out = false
  latencyMs = 0

  constructor(id: string, weight = 1) {
    this.id = id
    this.weight = weight
  }

  available(): boolean {
    return !this.out
  }

  latency(): number {
    return this.latencyMs
  }
}

export const candidates = (count: number, weight: (index: number) => number = () => 1): TestCandidate[] =>
  Array.from({ length: count }, (_, index) => new TestCandidate(`app/${index}`, weight(index)))

/** The same numbers each time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
