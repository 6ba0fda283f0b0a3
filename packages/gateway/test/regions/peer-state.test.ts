import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { regionsConfig } from '../../src/regions/config.ts'
import type { RegionReport } from '../../src/regions/model.ts'
import { byDistance, PeerState } from '../../src/regions/peer-state.ts'
import { checkRegions, withRegions } from '../../src/regions/region-table.ts'

const peerOf = (name: string, url = `https://${name}.example`) => ({ name, url, countries: [] })
const state = (name: string): PeerState => new PeerState(peerOf(name), { unhealthyAfter: 2, healthyAfter: 2 })
const report = (takes = true): RegionReport => ({
  region: 'us',
  now: 5_000,
  applications: { shop: { up: 1, queued: 0, takes } },
})

describe('what is known of a region', () => {
  it('goes out after failures in a row, and comes back after answers in a row', () => {
    const us = state('us')
    expect(us.state).toBe('waiting')
    expect(us.takes('shop')).toBe(false)
    us.answered(report(), 40, 5_020)
    expect([us.state, us.takes('shop'), us.takes('other'), us.clockSkewMs]).toEqual(['up', true, false, 0])
    us.failed('no answer within 1500 ms', 6_000)
    expect([us.state, us.why]).toEqual(['up', 'no answer within 1500 ms'])
    us.failed('no answer within 1500 ms', 7_000)
    expect([us.state, us.changedAt]).toEqual(['down', 7_000])
    us.answered(report(), 40, 8_000)
    expect([us.state, us.takes('shop')]).toEqual(['down', false])
    us.failed('again', 8_500)
    us.answered(report(), 40, 9_000)
    us.answered(report(false), 40, 10_000)
    expect([us.state, us.why, us.takes('shop')]).toEqual(['up', undefined, false])
  })

  it('one that does not answer at first is out at once', () => {
    const us = state('us')
    us.failed('refused', 1)
    expect(us.state).toBe('down')
  })

  it('round trips are averaged, and the nearest comes first', () => {
    const [us, asia] = [state('us'), state('asia')]
    us.answered(report(), 100, 1)
    asia.answered(report(), 10, 1)
    us.answered(report(), 200, 2)
    expect(us.roundTripMs).toBeCloseTo(130)
    expect(byDistance([us, asia], 'latency').map(({ peer }) => peer.name)).toEqual(['asia', 'us'])
    expect(byDistance([us, asia], 'order').map(({ peer }) => peer.name)).toEqual(['us', 'asia'])
  })

  it('regions that are about equally far do not change places', () => {
    const roundTrips = fc.array(fc.integer({ min: 80, max: 99 }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(roundTrips, (each) => {
        const peers = each.map((tookMs, at) => {
          const peer = state(`r${at}`)
          peer.answered(report(), tookMs, 1)
          return peer
        })
        expect(byDistance(peers, 'latency')).toEqual(peers)
      }),
    )
  })
})

describe('regions in the table', () => {
  const backends = [{ id: 'shop/1', host: '127.0.0.1', port: 1 }]
  const table = {
    routes: [],
    pools: [
      { name: 'shop', backends },
      { name: 'assets', backends: [] },
    ],
  }

  it('gives applications a pool of the regions, nearest first, and leaves internal services alone', () => {
    const [us, asia] = [
      state('us'),
      new PeerState(peerOf('asia', 'http://[::1]:8080'), { unhealthyAfter: 1, healthyAfter: 1 }),
    ]
    us.answered(report(), 1, 1)
    const { pools } = withRegions(table, new Set(['shop']), [us, asia])
    expect(pools).toMatchObject([
      { name: 'shop', regions: 'shop@regions', backends },
      {
        name: 'shop@regions',
        cache: false,
        backends: [
          { id: 'shop@us', host: 'us.example', port: 443, protocol: 'https', state: 'up', zone: 'us' },
          { id: 'shop@asia', host: '::1', port: 8_080, protocol: 'http', state: 'down', zone: 'asia' },
        ],
      },
      { name: 'assets' },
    ])
    const [first, second] = pools[1]!.backends
    expect(first!.weight! / second!.weight!).toBeGreaterThan(100_000)
    expect(checkRegions({ routes: [], pools })).toEqual([])
    expect(withRegions(table, new Set(['shop']), [])).toBe(table)
  })

  it('names what is not consistent', () => {
    const pool = (name: string, regions: string) => ({ name, regions, backends: [] })
    expect(checkRegions({ routes: [], pools: [pool('a', 'a'), pool('b', 'none'), pool('c', 'b')] })).toEqual([
      "pool 'a': regions 'a' is not another pool of the table",
      "pool 'b': regions 'none' is not another pool of the table",
      "pool 'c': regions 'b' would hand requests on once more",
    ])
  })
})

describe('settings of the regions', () => {
  const problems = (value: object): string[] => {
    const { error } = regionsConfig.safeParse(value)
    return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  }

  it('need a name and a secret where there are peers, and peers that can be told apart', () => {
    expect(problems({})).toEqual([])
    expect(problems({ peers: [{ name: 'us', url: 'https://us.example' }] })).toEqual([
      'self: needed where there are peers',
      'secret: needed where there are peers',
    ])
    const secret = 'a secret of all the regions'
    const peers = [peerOf('eu'), peerOf('us'), peerOf('us')]
    expect(problems({ self: 'eu', secret, peers })).toEqual([
      "peers.0.name: 'eu' is there twice",
      "peers.2.name: 'us' is there twice",
    ])
    expect(problems({ self: 'eu', secret, peers: [peerOf('us', 'https://us.example/shop')] })).toEqual([
      'peers.0.url: expected an origin, without a path or credentials',
    ])
    expect(problems({ self: 'eu', secret, peers: [peerOf('us', 'us.example')] })).toEqual([
      'peers.0.url: expected an address such as https://us.shop.example',
    ])
  })
})
