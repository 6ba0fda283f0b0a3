import { describe, expect, it } from 'vitest'
import { createBalancer, type Balancer, type Candidate } from '../../src/balancing/balancer.ts'
import { BALANCE_ALGORITHMS } from '../../src/config.ts'

class Fake implements Candidate {
  readonly name: string
  readonly weight: number
  inFlight = 0
  share = 0
  out = false
  constructor(name: string, weight = 1) {
    this.name = name
    this.weight = weight
  }
  available(): boolean {
    return !this.out
  }
}

const turns = (balancer: Balancer, backends: Fake[], count: number): string =>
  Array.from({ length: count }, () => balancer.pick(backends, 0)!.name).join('')

describe('round robin', () => {
  it('rotates; a heavier one gets its share without bursts', () => {
    const equal = [new Fake('a'), new Fake('b'), new Fake('c')]
    expect(turns(createBalancer('round-robin'), equal, 6)).toBe('abcabc')
    const weighted = [new Fake('a', 5), new Fake('b'), new Fake('c')]
    // The sequence of NGINX's own description of the algorithm.
    expect(turns(createBalancer('round-robin'), weighted, 7)).toBe('aabacaa')
  })
})

describe('least connections', () => {
  it('takes the least loaded by weight, and idle ones in turn', () => {
    const [a, b] = [new Fake('a'), new Fake('b', 3)]
    const balancer = createBalancer('least-connections')
    a.inFlight = 1
    b.inFlight = 2
    expect(balancer.pick([a, b], 0)).toBe(b)
    b.inFlight = 6
    expect(balancer.pick([a, b], 0)).toBe(a)
    const idle = [new Fake('a'), new Fake('b'), new Fake('c')]
    expect(new Set(turns(createBalancer('least-connections'), idle, 3)).size).toBe(3)
  })
})

describe.each(BALANCE_ALGORITHMS)('%s', (algorithm) => {
  it('never picks what is not available or was tried', () => {
    const backends = [new Fake('a'), new Fake('b'), new Fake('c')]
    const balancer = createBalancer(algorithm)
    backends[0]!.out = true
    for (let i = 0; i < 10; i++) expect(balancer.pick(backends, 0, [backends[1]!])).toBe(backends[2])
    expect(balancer.pick(backends, 0, backends)).toBeUndefined()
    expect(balancer.pick([], 0)).toBeUndefined()
  })
})
