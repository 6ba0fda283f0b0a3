import { describe, expect, it } from 'vitest'
import { backendsOf, endpointSlice } from '../../src/discovery/kubernetes/endpoint-slices.ts'
import { linesOf } from '../../src/discovery/kubernetes/watch-events.ts'

const slice = (endpoints: object[] | null, more: object = {}) =>
  endpointSlice.parse({
    metadata: { name: 'shop-a', resourceVersion: '1' },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    ...more,
  })
const pod = (address: string, conditions?: object, more: object = {}) => ({
  addresses: [address],
  ...(conditions === undefined ? {} : { conditions }),
  ...more,
})
const hosts = (endpoints: object[], settings: Parameters<typeof backendsOf>[1] = {}): string =>
  backendsOf([slice(endpoints)], settings)
    .map(({ host, draining }) => (draining ? `${host} draining` : host))
    .join(', ')

describe('EndpointSlices', () => {
  it.each([
    ['no conditions', undefined, '10.0.0.1'],
    ['ready unset', {}, '10.0.0.1'],
    ['ready', { ready: true, serving: true, terminating: false }, '10.0.0.1'],
    ['not ready', { ready: false, serving: false, terminating: false }, ''],
    ['ends, and serves', { ready: false, serving: true, terminating: true }, '10.0.0.1 draining'],
    ['ends, serving unset: as ready', { ready: false, terminating: true }, ''],
    ['ends, and does not serve', { ready: false, serving: false, terminating: true }, ''],
    [
      'publishNotReadyAddresses, ending',
      { ready: true, serving: true, terminating: true },
      '10.0.0.1 draining',
    ],
  ])('%s', (_name, conditions, expected) => {
    expect(hosts([pod('10.0.0.1', conditions)])).toBe(expected)
  })

  it('an endpoint in two slices is one, and ready if it is so in one of them', () => {
    const draining = slice([pod('10.0.0.1', { ready: false, serving: true, terminating: true })])
    const ready = slice([pod('10.0.0.1', { ready: true })])
    for (const order of [
      [draining, ready],
      [ready, draining],
    ]) {
      expect(backendsOf(order, {})).toEqual([{ host: '10.0.0.1', port: 80, weight: 1 }])
    }
  })

  it('takes the only TCP port, the named one, or the number that it is told', () => {
    const ports = [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'metrics', port: 9_100 },
      { name: 'quic', port: 443, protocol: 'UDP' },
    ]
    const two = slice([pod('10.0.0.1')], { ports })
    expect(() => backendsOf([two], {})).toThrow(/has the ports http, metrics: set/)
    expect(backendsOf([two], { port: 'metrics' })[0]!.port).toBe(9_100)
    expect(backendsOf([two], { port: 1_234 })[0]!.port).toBe(1_234)
    expect(backendsOf([two], { port: 'quic' })).toEqual([])
    expect(backendsOf([slice([pod('10.0.0.1')], { ports: null })], {})).toEqual([])
    expect(backendsOf([slice(null, { ports })], {})).toEqual([])
  })

  it('follows hints for its zone only where every endpoint has some and one is for it', () => {
    const hint = (...zones: string[]) => ({ hints: { forZones: zones.map((name) => ({ name })) } })
    const all = [
      pod('10.0.0.1', {}, { zone: 'a', ...hint('a') }),
      pod('10.0.0.2', {}, { zone: 'b', ...hint('b', 'c') }),
      pod('10.0.0.3', { ready: false, serving: true, terminating: true }),
    ]
    expect(hosts(all, { zone: 'a' })).toBe('10.0.0.1, 10.0.0.3 draining')
    expect(hosts(all, { zone: 'c' })).toBe('10.0.0.2, 10.0.0.3 draining')
    expect(hosts(all, { zone: 'd' })).toBe('10.0.0.1, 10.0.0.2, 10.0.0.3 draining')
    expect(hosts(all)).toBe('10.0.0.1, 10.0.0.2, 10.0.0.3 draining')
    expect(hosts([...all, pod('10.0.0.4')], { zone: 'a' })).toBe(
      '10.0.0.1, 10.0.0.2, 10.0.0.3 draining, 10.0.0.4',
    )
    expect(backendsOf([slice(all)], {})[0]).toMatchObject({ zone: 'a' })
  })
})

it('lines come whole however the stream is cut, and are not kept without end', async () => {
  async function* cut(text: string, at: number): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text)
    for (let i = 0; i < bytes.length; i += at) yield bytes.subarray(i, i + at)
  }
  for (const at of [1, 3, 7, 100]) {
    const lines: string[] = []
    for await (const some of linesOf(cut('{"a":"ä€"}\n\n{"b":2}\nrest', at))) lines.push(...some)
    expect(lines).toEqual(['{"a":"ä€"}', '{"b":2}'])
  }
  const endless = linesOf(cut('x'.repeat(9_000_000), 65_536))
  await expect(endless.next()).rejects.toThrow(/more than/)
})
