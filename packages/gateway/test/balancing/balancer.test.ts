import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBalancer, type Balancer } from '../../src/balancing/balancer.ts'
import { hashText } from '../../src/balancing/hash.ts'
import { BALANCE_ALGORITHMS } from '../../src/config.ts'
import { candidates, seededRandom, TestCandidate } from './candidate.ts'

const turns = (balancer: Balancer, backends: TestCandidate[], count: number): string =>
  Array.from({ length: count }, () => balancer.pick(backends, 0)!.id).join('')

/** Requests per backend; each stays in flight until the `open` ones after it have come, as under load. */
function shares(balancer: Balancer, backends: TestCandidate[], requests: number, open: number): number[] {
  const counts = new Map(backends.map((backend) => [backend, 0]))
  const inFlight: TestCandidate[] = []
  for (let i = 0; i < requests; i++) {
    const backend = balancer.pick(backends, 0, undefined, hashText(`visitor ${i}`))!
    counts.set(backend, counts.get(backend)! + 1)
    backend.inFlight++
    inFlight.push(backend)
    if (inFlight.length > open) inFlight.shift()!.inFlight--
  }
  return [...counts.values()]
}

describe('round robin', () => {
  it('rotates; a heavier one gets its share without bursts', () => {
    const equal = ['a', 'b', 'c'].map((id) => new TestCandidate(id))
    expect(turns(createBalancer('round-robin'), equal, 6)).toBe('abcabc')
    const weighted = [new TestCandidate('a', 5), new TestCandidate('b'), new TestCandidate('c')]
    // The sequence of NGINX's own description of the algorithm.
    expect(turns(createBalancer('weighted-round-robin'), weighted, 7)).toBe('aabacaa')
  })

  it('gives nobody the turns of one that is out', () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => new TestCandidate(id))
    four[1]!.out = true
    expect(turns(createBalancer('round-robin'), four, 9)).toBe('acdacdacd')
  })

  it('follows weights that change with the list', () => {
    const balancer = createBalancer('round-robin')
    const before = candidates(2)
    turns(balancer, before, 5)
    before[0]!.weight = 3
    const counts = shares(balancer, [...before], 400, 0)
    expect(counts).toEqual([300, 100])
  })
})

describe('least connections', () => {
  it('takes the least loaded by weight, and idle ones in turn', () => {
    const [a, b] = [new TestCandidate('a'), new TestCandidate('b', 3)]
    const balancer = createBalancer('least-connections')
    a.inFlight = 1
    b.inFlight = 2
    expect(balancer.pick([a, b], 0)).toBe(b)
    b.inFlight = 6
    expect(balancer.pick([a, b], 0)).toBe(a)
    const idle = ['a', 'b', 'c'].map((id) => new TestCandidate(id))
    expect(new Set(turns(createBalancer('least-connections'), idle, 3)).size).toBe(3)
  })
})

describe('least response time', () => {
  it('one that is slow gets nothing while another is fast, at the same load', () => {
    const three = candidates(3)
    three.forEach((backend, index) => (backend.latencyMs = index === 1 ? 300 : 3))
    const balancer = createBalancer('least-response-time', seededRandom(1))
    for (let i = 0; i < 1_000; i++) expect(balancer.pick(three, 0)).not.toBe(three[1])
  })

  it('one that nobody knows yet is tried, and not by everybody at once', () => {
    const [known, fresh] = candidates(2) as [TestCandidate, TestCandidate]
    known.latencyMs = 10
    const balancer = createBalancer('least-response-time', seededRandom(1))
    expect(balancer.pick([known, fresh], 0)).toBe(fresh)
    fresh.inFlight = 1
    expect(balancer.pick([known, fresh], 0)).toBe(known)
  })
})

/** Largest error of a backend’s share, of what its weight entitles it to; 64 requests in flight at a time. */
const STATED_ERROR: Readonly<Record<(typeof BALANCE_ALGORITHMS)[number], number>> = {
  'round-robin': 0.01,
  'weighted-round-robin': 0.01,
  weighted: 0.01,
  'least-connections': 0.15,
  // One visitor per request: the table is exact, and the rest is the chance of 20,000 visitors.
  'ip-hash': 0.12,
  // Of two distinct ones drawn at random the better wins, but no one is drawn more often for its weight.
  'least-response-time': 0.5,
  'two-choices': 0.5,
}

describe.each(BALANCE_ALGORITHMS)('%s', (algorithm) => {
  it('never picks what is not available or was tried', () => {
    const subset = fc.integer({ min: 1, max: 40 }).chain((count) =>
      fc.record({
        weights: fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), {
          minLength: count,
          maxLength: count,
        }),
        out: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
        tried: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
        load: fc.array(fc.nat(20), { minLength: count, maxLength: count }),
        latency: fc.array(fc.nat(1_000), { minLength: count, maxLength: count }),
        key: fc.nat(2 ** 32 - 1),
        seed: fc.nat(),
      }),
    )
    fc.assert(
      fc.property(subset, ({ weights, out, tried, load, latency, key, seed }) => {
        const backends = weights.map((weight, i) => new TestCandidate(`b/${i}`, weight))
        backends.forEach((backend, i) => {
          backend.out = out[i]!
          backend.inFlight = load[i]!
          backend.latencyMs = latency[i]!
        })
        const excluded = backends.filter((_, i) => tried[i])
        const possible = backends.filter((backend) => !backend.out && !excluded.includes(backend))
        const balancer = createBalancer(algorithm, seededRandom(seed))
        for (let i = 0; i < 5; i++) {
          const picked = balancer.pick(backends, 0, excluded, (key + i) >>> 0)
          expect(possible.length === 0 ? [undefined] : possible).toContain(picked)
        }
      }),
      { numRuns: algorithm === 'ip-hash' ? 50 : 200 },
    )
    expect(createBalancer(algorithm).pick([], 0)).toBeUndefined()
  })

  it.each([1, 2, 3, 10])('gives %i backends what their weights say', (count) => {
    const backends = candidates(count, (index) => 1 + (index % 3))
    for (const backend of backends) backend.latencyMs = 5
    const total = backends.reduce((sum, { weight }) => sum + weight, 0)
    const requests = 20_000
    const counts = shares(createBalancer(algorithm, seededRandom(7)), backends, requests, 64)
    backends.forEach(({ weight }, index) => {
      const due = (requests * weight) / total
      expect(Math.abs(counts[index]! - due) / due).toBeLessThan(STATED_ERROR[algorithm])
    })
  })

  it('spreads requests over a thousand backends', () => {
    const backends = candidates(1_000)
    for (const backend of backends) backend.latencyMs = 5
    const counts = shares(createBalancer(algorithm, seededRandom(3)), backends, 100_000, 2_000)
    const limit = algorithm === 'ip-hash' ? 160 : 130
    expect(Math.max(...counts)).toBeLessThan(limit)
    expect(Math.min(...counts)).toBeGreaterThan(200 - limit - 20)
  })
})

// The one that is left out prefers what is fast: a light one is as slow as it is loaded.
it.each(BALANCE_ALGORITHMS.filter((name) => name !== 'least-response-time'))(
  '%s gives light backends their share also when nothing is busy',
  (algorithm) => {
    // A circuit that recovers has a tenth of its weight, and is to be tried.
    const backends = [new TestCandidate('a', 1), new TestCandidate('b', 0.1), new TestCandidate('c', 1)]
    const requests = 20_000
    const counts = shares(createBalancer(algorithm, seededRandom(5)), backends, requests, 0)
    const due = (requests * 0.1) / 2.1
    expect(counts[1]).toBeGreaterThan(due / 2)
    expect(counts[1]).toBeLessThan(due * 1.6)
  },
)
