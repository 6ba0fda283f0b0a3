import { createSocket } from 'node:dgram'
import { systemClock } from '@millrace/core'
import { fakeClock, waitFor } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DnsClient } from '../../src/discovery/dns/dns-client.ts'
import { DnsSource, type DnsSettings } from '../../src/discovery/dns/dns-source.ts'
import { Collector } from '../support/collect.ts'
import { a, aaaa, cname, DnsFixture, soa, srv } from '../support/dns-server.ts'

describe('DNS discovery', () => {
  let server: DnsFixture
  let collector: Collector
  beforeEach(async () => {
    server = new DnsFixture()
    await server.start()
    collector = new Collector()
  })
  afterEach(async () => {
    await collector.stop()
    await server.stop()
  })
  const settings = (more: Partial<DnsSettings> = {}): DnsSettings => ({
    name: 'app.test',
    type: 'A',
    port: 80,
    servers: [server.address],
    minTtlMs: 100,
    maxTtlMs: 60_000,
    timeoutMs: 1_000,
    ...more,
  })
  const follow = (more: Partial<DnsSettings> = {}, clock = systemClock): Collector =>
    collector.follow(new DnsSource(settings(more), clock))
  const answers = (count = 1): Promise<boolean> => waitFor(() => collector.found.length >= count)

  it('finds the addresses of a name, sorted and once each', async () => {
    server.zone.set('app.test A', [a('10.0.0.2'), a('10.0.0.1'), a('10.0.0.2')])
    follow()
    await answers()
    expect(collector.found[0]).toEqual([
      { host: '10.0.0.1', port: 80, weight: 1 },
      { host: '10.0.0.2', port: 80, weight: 1 },
    ])
  })

  it('finds IPv6 addresses, and follows aliases', async () => {
    server.zone.set('app.test AAAA', [
      cname('Other.test'),
      { ...aaaa('fd00::1'), name: 'other.test' },
      { ...aaaa('fd00::2'), name: 'unrelated.test' },
    ])
    follow({ type: 'AAAA' })
    await answers()
    expect(collector.found[0]!.map(({ host }) => host)).toEqual(['fd00::1'])
  })

  it('asks again when the TTL is over, the smallest of all, and keeps its bounds', async () => {
    const clock = fakeClock()
    server.zone.set('app.test A', [cname('other.test', 7), a('10.0.0.1', 30, 'other.test')])
    follow({}, clock)
    await answers()
    await waitFor(() => clock.pending === 1)
    await clock.advance(6_900)
    expect(collector.found).toHaveLength(1)
    server.zone.set('app.test A', [a('10.0.0.1', 100_000)])
    await clock.advance(200)
    await answers(2)
    await waitFor(() => clock.pending === 1)
    await clock.advance(59_900)
    expect(collector.found).toHaveLength(2)
    server.zone.set('app.test A', [a('10.0.0.1', 0)])
    await clock.advance(200)
    await answers(3)
    await waitFor(() => clock.pending === 1)
    await clock.advance(99)
    expect(collector.found).toHaveLength(3)
    await clock.advance(1)
    await answers(4)
  })

  it('SRV: ports, priorities and weights, with addresses sent along or asked for', async () => {
    server.zone.set('_http._tcp.app.test SRV', [
      srv('one.test', 8_001, { priority: 10, weight: 60 }),
      srv('two.test', 8_002, { priority: 10, weight: 0 }),
      srv('far.test', 8_003, { priority: 20, weight: 5 }),
    ])
    server.additionals = [a('10.0.0.1', 5, 'one.test')]
    server.zone.set('two.test A', [a('10.0.0.2')])
    server.zone.set('far.test AAAA', [aaaa('fd00::3')])
    follow({ name: '_http._tcp.app.test', type: 'SRV' })
    await answers()
    expect(collector.found[0]).toEqual([
      { host: '10.0.0.1', port: 8_001, weight: 600, priority: 10 },
      { host: '10.0.0.2', port: 8_002, weight: 1, priority: 10 },
      { host: 'fd00::3', port: 8_003, weight: 50, priority: 20 },
    ])
    expect(server.asked.filter((line) => line.startsWith('one.test'))).toEqual([])
  })

  it('SRV: a target of "." says that there is none; one without addresses is left out', async () => {
    server.zone.set('app.test SRV', [srv('.', 1)])
    follow({ type: 'SRV' })
    await answers()
    expect(collector.found[0]).toEqual([])
    server.zone.set('app.test SRV', [srv('gone.test', 1), srv('here.test', 2)])
    server.zone.set('here.test A', [a('10.0.0.1')])
    await waitFor(() => collector.last === '10.0.0.1:2')
  })

  it('an answer too long for a datagram comes over TCP', async () => {
    const many = Array.from({ length: 300 }, (_, i) => a(`10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`))
    server.zone.set('app.test A', many)
    follow()
    await answers()
    expect(collector.found[0]).toHaveLength(300)
    expect(server.asked.slice(0, 2)).toEqual(['app.test A udp', 'app.test A tcp'])
  })

  it.each(['SERVFAIL', 'REFUSED', 'silence'] as const)(
    '%s is a failure, and is asked again',
    async (state) => {
      server.zone.set('app.test A', state)
      follow({ timeoutMs: 50 })
      await waitFor(() => collector.failures.length > 0)
      expect(collector.failures[0]).toContain(state === 'silence' ? 'no answer within 50 ms' : state)
      expect(collector.found).toEqual([])
      server.zone.set('app.test A', [a('10.0.0.1')])
      await answers()
    },
  )

  it.each([['NXDOMAIN' as const], [[]]])(
    '%s is an answer without backends, as long as it says',
    async (state) => {
      const clock = fakeClock()
      server.zone.set('app.test A', state)
      server.authorities = [soa(900, 5)]
      follow({}, clock)
      await answers()
      expect(collector.found).toEqual([[]])
      await waitFor(() => clock.pending === 1)
      await clock.advance(4_900)
      expect(collector.found).toHaveLength(1)
      await clock.advance(200)
      await answers(2)
    },
  )

  it('asks the next server when one does not answer', async () => {
    const broken = new DnsFixture()
    await broken.start()
    broken.zone.set('app.test A', 'SERVFAIL')
    server.zone.set('app.test A', [a('10.0.0.1')])
    try {
      follow({ servers: [broken.address, '127.0.0.1:1', server.address] })
      await answers()
      expect(collector.last).toBe('10.0.0.1:80')
    } finally {
      await broken.stop()
    }
  })

  it('takes nothing that does not answer its question', async () => {
    const liar = createSocket('udp4')
    await new Promise<void>((resolve) => liar.bind(0, '127.0.0.1', resolve))
    liar.on('message', (message, { port, address }) => {
      const wrongId = Buffer.from(message)
      wrongId[2] = 0x80
      wrongId[0]! ^= 0xff
      liar.send(wrongId, port, address)
      liar.send('junk', port, address)
      liar.send(message, port, address)
    })
    const client = new DnsClient({ servers: [`127.0.0.1:${liar.address().port}`], timeoutMs: 50 })
    try {
      await expect(client.query('app.test', 'A', new AbortController().signal)).rejects.toThrow(
        'no answer within 50 ms',
      )
    } finally {
      liar.close()
    }
  })
})
