import type { Server } from 'node:http'
import type { MillraceConfig } from '@millrace/core'
import { waitFor } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import type { HostStats } from '../../src/service.ts'
import { Fixture } from '../../src/testing/index.ts'
import { ConsulFixture } from '../support/consul-server.ts'
import { a, DnsFixture, srv } from '../support/dns-server.ts'
import { HostHarness } from '../support/host-harness.ts'
import { SteadyLoad } from '../support/steady-load.ts'

type Discover = NonNullable<NonNullable<MillraceConfig['applications']>[string]['discover']>

/** The host part with real workers, whose backends are looked up in real servers. */
describe('gateway host with discovery', () => {
  let fixture: Fixture
  let harness: HostHarness
  let dns: DnsFixture
  let consul: ConsulFixture
  let load: SteadyLoad | undefined
  beforeEach(async () => {
    fixture = new Fixture(createGateway)
    harness = new HostHarness()
    dns = new DnsFixture()
    consul = new ConsulFixture()
    await Promise.all([dns.start(), consul.start()])
  })
  afterEach(async () => {
    await load?.stop()
    load = undefined
    await harness.stop()
    await Promise.all([dns.stop(), consul.stop(), fixture.close()])
  })

  interface Running {
    port: number
    server: Server
    requests: number
  }
  const backend = async (): Promise<Running> => {
    const running = { requests: 0 } as Running
    running.port = await fixture.backend(
      (_req, res) => {
        running.requests++
        setTimeout(() => res.end('ok'), 1)
      },
      (server) => (running.server = server),
    )
    return running
  }
  /** As if its machine had gone. */
  const kill = ({ server }: Running): void => {
    server.close()
    server.closeAllConnections()
  }
  const stats = async (): Promise<HostStats> => (await harness.part.methods!.stats!(undefined)) as HostStats
  const states = async (): Promise<string> =>
    (await stats()).pools[0]!.backends.map(({ id, state }) => `${id} ${state}`).join(', ')
  const start = (discover: Discover, health: object = {}, workers = 2): Promise<void> =>
    harness.start(
      { workers },
      {
        shop: {
          discover,
          drainTimeoutMs: 300,
          health: { path: '/', intervalMs: 100, initial: 'unhealthy', ...health },
        },
      },
    )
  const more = async (): Promise<void> => {
    const before = load!.answered
    await waitFor(() => load!.answered > before + 100, { deadlineMs: 10_000 })
  }
  const id = ({ port }: Running): string => `shop/127.0.0.1:${port}`
  const serving = async (running: Running): Promise<void> => {
    const before = running.requests
    await waitFor(() => running.requests > before + 20, { deadlineMs: 10_000 })
  }

  it('DNS: backends come, go, and die under load, servers of names fail, and no request does', async () => {
    const announce = (...list: Running[]): void =>
      void dns.zone.set(
        '_http._tcp.shop.test SRV',
        list.map(({ port }) => srv('here.test', port, { ttl: 0 })),
      )
    dns.zone.set('here.test A', [a('127.0.0.1', 0)])
    let current = await backend()
    announce(current)
    await start({ dns: { name: '_http._tcp.shop.test', type: 'SRV', servers: [dns.address], minTtlMs: 100 } })
    await waitFor(async () => (await states()) === `${id(current)} up`)
    load = new SteadyLoad(harness.url, 8)
    await more()
    for (let round = 0; round < 3; round++) {
      const next = await backend()
      announce(current, next)
      await serving(next)
      announce(next)
      await waitFor(async () => (await states()) === `${id(next)} up`)
      kill(current)
      current = next
      await more()
    }
    dns.zone.set('_http._tcp.shop.test SRV', 'SERVFAIL')
    await waitFor(async () => (await stats()).discovery![0]!.state === 'failing')
    await more()
    const other = await backend()
    announce(current, other)
    await serving(other)
    // One that dies while it is announced: requests go elsewhere, checks take it out.
    kill(current)
    await more()
    await waitFor(async () => (await states()).includes(`${id(current)} down`))
    dns.zone.set('_http._tcp.shop.test SRV', 'NXDOMAIN')
    await waitFor(async () => (await stats()).discovery![0]!.error === 'the answer names no backend')
    await more()
    await load.stop()
    expect(load.failed).toEqual([])
    const { discovery, health } = await stats()
    expect(discovery).toMatchObject([{ pool: 'shop', source: 'dns', state: 'failing', backends: 2 }])
    expect(health.find((check) => check.id === id(current))).toMatchObject({ kind: 'http', healthy: false })
  })

  it('Consul: backends come and go under load, Consul fails and loses its memory, and no request fails', async () => {
    const announce = (...list: Running[]): void =>
      consul.set('shop', ...list.map(({ port }) => ({ id: `shop-${port}`, address: '127.0.0.1', port })))
    let current = await backend()
    announce(current)
    await start({ consul: { address: consul.address, service: 'shop' } })
    await waitFor(async () => (await states()) === `${id(current)} up`)
    load = new SteadyLoad(harness.url, 8)
    await more()
    for (let round = 0; round < 3; round++) {
      const next = await backend()
      announce(current, next)
      await serving(next)
      announce(next)
      await waitFor(async () => (await states()) === `${id(next)} up`)
      kill(current)
      current = next
      await more()
    }
    consul.failure = { status: 500, text: 'No cluster leader' }
    consul.cut()
    await waitFor(async () => (await stats()).discovery![0]!.state === 'failing')
    await more()
    consul.failure = undefined
    consul.services.clear()
    consul.index = 1
    await waitFor(async () => (await stats()).discovery![0]!.error === 'the answer names no backend', {
      deadlineMs: 10_000,
    })
    await more()
    await load.stop()
    expect(load.failed).toEqual([])
    expect(consul.refused).toEqual([])
  })

  it('priorities of SRV: the next is used when none of the first can be reached', async () => {
    const [near, far] = [await backend(), await backend()]
    dns.zone.set('here.test A', [a('127.0.0.1')])
    dns.zone.set('shop.test SRV', [
      srv('here.test', near.port, { priority: 1 }),
      srv('here.test', far.port, { priority: 2 }),
    ])
    await start({ dns: { name: 'shop.test', type: 'SRV', servers: [dns.address] } }, {}, 1)
    await waitFor(async () => (await states()) === `${id(near)} up`)
    kill(near)
    await waitFor(async () => (await states()) === `${id(far)} up`, { deadlineMs: 10_000 })
    expect((await fetch(harness.url)).status).toBe(200)
    expect((await stats()).health).toHaveLength(2)
  })

  it('a check by script decides, and its words are shown', async () => {
    const running = await backend()
    dns.zone.set('shop.test A', [a('127.0.0.1')])
    await start(
      { dns: { name: 'shop.test', port: running.port, servers: [dns.address] } },
      { path: undefined, initial: 'healthy', command: ['sh', '-c', 'echo lag is 90 s; exit 1'] },
      1,
    )
    await waitFor(async () => (await states()) === `${id(running)} down`, { deadlineMs: 10_000 })
    expect((await stats()).health[0]).toMatchObject({
      kind: 'script',
      message: 'exited with code 1: lag is 90 s',
    })
  })

  it('a source that does not answer at the start holds nobody up for long, and requests wait for it', async () => {
    const running = await backend()
    dns.zone.set('shop.test A', 'SERVFAIL')
    await start(
      { dns: { name: 'shop.test', port: running.port, servers: [dns.address], minTtlMs: 100 } },
      {},
      1,
    )
    expect((await stats()).discovery).toMatchObject([{ state: 'failing', backends: 0 }])
    const answer = fetch(harness.url)
    dns.zone.set('shop.test A', [a('127.0.0.1')])
    expect((await answer).status).toBe(200)
  })
})
