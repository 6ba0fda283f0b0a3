import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { hashText, networkOf } from '../../src/balancing/hash.ts'
import { IpHash } from '../../src/balancing/ip-hash.ts'
import { candidates, type TestCandidate } from './candidate.ts'

const keys = Array.from({ length: 20_000 }, (_, i) => hashText(`192.0.${i >> 8}.${i & 255}`))
const owners = (backends: readonly TestCandidate[]): string[] => {
  const hash = new IpHash()
  return keys.map((key) => hash.pick(backends, 0, undefined, key)!.id)
}

it('a visitor keeps its backend, whatever the order of the list, in every worker', () => {
  const backends = candidates(7)
  const before = owners(backends)
  expect(owners(backends.toReversed())).toEqual(before)
  expect(owners(candidates(7))).toEqual(before)
})

it('a backend that goes moves its own share of the keys and few others; one that comes takes only its share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (count, seed) => {
      const backends = candidates(count)
      const gone = backends[seed % count]!
      const before = owners(backends)
      const after = owners(backends.filter((backend) => backend !== gone))
      const others = before.filter((owner, i) => owner !== gone.id && owner !== after[i]).length
      expect(after).not.toContain(gone.id)
      // Eisenbud et al., section 5.3: a table of this size moves well below 2 % of what need not move.
      expect(others / keys.length).toBeLessThan(0.02)
    }),
    { numRuns: 15 },
  )
})

it('a backend of a large weight among many gets its share', () => {
  const backends = candidates(1_000, (index) => (index === 0 ? 655_350 : 1))
  const counts = Map.groupBy(owners(backends), (id) => id)
  expect(counts.get('app/0')!.length / keys.length).toBeGreaterThan(0.99)
  const heavy = candidates(10, (index) => (index === 0 ? 9 : 1))
  expect(Map.groupBy(owners(heavy), (id) => id).get('app/0')!.length / keys.length).toBeCloseTo(0.5, 1)
})

it('keys of one that is out for a moment are spread over all others, and come back', () => {
  const backends = candidates(10)
  const hash = new IpHash()
  const pick = (): string[] => keys.map((key) => hash.pick(backends, 0, undefined, key)!.id)
  const before = pick()
  backends[3]!.out = true
  const during = pick()
  const moved = during.filter((_, i) => before[i] === backends[3]!.id)
  const perOther = Map.groupBy(moved, (owner) => owner)
  expect(perOther.size).toBe(9)
  for (const share of perOther.values()) expect(share.length).toBeLessThan((2 * moved.length) / 9)
  expect(during.every((owner, i) => owner === before[i] || before[i] === backends[3]!.id)).toBe(true)
  backends[3]!.out = false
  expect(pick()).toEqual(before)
})

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['unknown', 'unknown'],
  ['not:an:address', 'not:an:address'],
])('%s belongs to %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
