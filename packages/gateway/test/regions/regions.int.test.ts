import { request } from 'node:http'
import { connect } from 'node:net'
import { allocatePort } from '@millrace/core/process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { REGION_HEADER, REGION_PATH, sign } from '../../src/regions/signature.ts'
import { SteadyLoad } from '../support/steady-load.ts'
import { Region } from './region.ts'

const SECRET = 'a secret of all the regions'

interface Seen {
  region: string
  url: string
  headers: Record<string, string>
}

/** Three gateways in processes of their own, each with a backend. */
describe('regions', () => {
  let regions: Region[]
  let load: SteadyLoad | undefined
  beforeEach(async () => {
    const names = ['eu', 'us', 'asia']
    regions = await Promise.all(names.map(async (name) => new Region(name, await allocatePort())))
  })
  afterEach(async () => {
    await load?.stop()
    load = undefined
    await Promise.all(regions.map((region) => region.stop()))
  })

  const settings = (self: Region, more: object = {}, countries: Record<string, string[]> = {}): object => ({
    workers: 1,
    timeouts: { queueMs: 500 },
    geography: { countryHeader: 'cf-ipcountry' },
    ...(Object.keys(countries).length === 0 ? {} : { trustedProxies: ['loopback'] }),
    regions: {
      self: self.name,
      secret: SECRET,
      nearest: 'order',
      intervalMs: 100,
      timeoutMs: 1_000,
      returnAfterMs: 300,
      peers: regions
        .filter((one) => one !== self)
        .map(({ name, url }) => ({
          name,
          url,
          countries: Object.keys(countries).filter((country) => countries[country]!.includes(name)),
        })),
      ...more,
    },
  })
  const startAll = async (
    more: object = {},
    countries: Record<string, string[]> = {},
  ): Promise<[Region, Region, Region]> => {
    await Promise.all(
      regions.map(async (region) => {
        await region.startBackend()
        await region.start(settings(region, more, countries))
      }),
    )
    for (const region of regions) await expect.poll(() => up(region), { timeout: 10_000 }).toHaveLength(2)
    return regions as [Region, Region, Region]
  }
  /** The peers that take requests for the application. */
  const up = async (region: Region): Promise<string[]> => {
    const { regions: model } = await region.stats()
    return model!.peers
      .filter(({ state, applications }) => state === 'up' && applications['app']?.takes === true)
      .map(({ name }) => name)
  }
  const ask = (
    region: Region,
    path = '/',
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<{ status: number; headers: Record<string, unknown>; text: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        region.url + path,
        { method, headers, agent: false, timeout: 10_000 },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => (text += chunk))
          response.on('error', reject)
          response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
      outgoing.on('error', reject)
      outgoing.end(method === 'POST' ? 'body' : undefined)
    })
  /** All that a WebSocket gets. */
  const tunnel = async (region: Region): Promise<string> => {
    const socket = connect(region.port, '127.0.0.1')
    socket.setTimeout(5_000, () => socket.destroy())
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    return text
  }
  const answeredBy = async (region: Region): Promise<string> =>
    (JSON.parse((await ask(region)).text) as Seen).region
  const more = async (): Promise<void> => {
    const before = load!.answered
    await expect.poll(() => load!.answered, { timeout: 20_000 }).toBeGreaterThan(before + 100)
  }

  /** For everybody else the path is the application's. */
  const expectAnswersToRegionsOnly = async (eu: Region): Promise<void> => {
    const question = { from: 'us', to: 'eu', t: String(Date.now()), n: 'x' }
    const asked = await ask(eu, REGION_PATH, { [REGION_HEADER]: sign(SECRET, 'health', question) })
    expect(JSON.parse(asked.text)).toMatchObject({
      region: 'eu',
      applications: { app: { up: 1, takes: true } },
    })
    const past = String(Date.now() - 60_000)
    for (const headers of [
      {},
      { [REGION_HEADER]: sign('another secret of somebody', 'health', question) },
      { [REGION_HEADER]: sign(SECRET, 'health', { ...question, to: 'us' }) },
      { [REGION_HEADER]: sign(SECRET, 'health', { ...question, from: 'moon' }) },
      { [REGION_HEADER]: sign(SECRET, 'health', { ...question, t: past }) },
      { [REGION_HEADER]: sign(SECRET, 'hop', question) },
    ]) {
      const { text } = await ask(eu, REGION_PATH, headers as Record<string, string>)
      expect(JSON.parse(text)).toMatchObject({
        url: REGION_PATH,
        headers: expect.not.objectContaining({ [REGION_HEADER]: expect.anything() }),
      })
    }
  }

  it('no request fails while a region loses its backends, the nearest region dies, and both come back', async () => {
    const [eu, us, asia] = await startAll()
    expect(await answeredBy(eu)).toBe('eu')
    load = new SteadyLoad(eu.url, 4)
    await more()
    eu.killBackend()
    await more()
    expect(await answeredBy(eu)).toBe('us')
    await us.kill()
    await more()
    expect(await answeredBy(eu)).toBe('asia')
    await expect.poll(() => up(eu), { timeout: 10_000 }).toEqual(['asia'])
    await us.start(settings(us))
    await expect.poll(() => up(eu), { timeout: 10_000 }).toEqual(['us', 'asia'])
    await expect.poll(() => answeredBy(eu), { timeout: 10_000 }).toBe('us')
    await eu.startBackend()
    await expect.poll(() => answeredBy(eu), { timeout: 10_000 }).toBe('eu')
    await more()
    await load.stop()
    expect(load.failed).toEqual([])
    expect((await asia.stats()).pools.find(({ name }) => name === 'app')!.requests).toBeGreaterThan(50)
  })

  it('says whom a request comes from, hands it on once, and takes nobody’s word for it', async () => {
    const [eu, us, asia] = await startAll()
    await expectAnswersToRegionsOnly(eu)
    eu.killBackend()
    await expect.poll(() => answeredBy(eu), { timeout: 10_000 }).toBe('us')
    const { text } = await ask(eu, '/a?b=1', { host: 'shop.example', 'x-forwarded-for': '203.0.113.9' })
    const seen = JSON.parse(text) as Seen
    expect(seen).toMatchObject({ region: 'us', url: '/a?b=1' })
    expect(seen.headers['host']).toBe('shop.example')
    expect(seen.headers['x-forwarded-for']).toBe('127.0.0.1, 127.0.0.1')
    expect(seen.headers['x-forwarded-host']).toBe('shop.example')
    expect(seen.headers).not.toHaveProperty(REGION_HEADER)
    expect(JSON.parse((await ask(eu, '/', {}, 'POST')).text)).toMatchObject({ region: 'us' })

    expect(await tunnel(eu)).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nus$/)

    const now = String(Date.now())
    const hop = { from: 'eu', t: now, c: '203.0.113.9', p: 'https' }
    const believed = await ask(us, '/', { [REGION_HEADER]: sign(SECRET, 'hop', hop) })
    expect((JSON.parse(believed.text) as Seen).headers['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.1')
    const late = String(Date.now() - 60_000)
    for (const forged of [
      'v=1;from=eu;c=203.0.113.9;s=AAAA',
      sign('another secret of somebody', 'hop', hop),
      sign(SECRET, 'health', hop),
      sign(SECRET, 'hop', { ...hop, from: 'moon' }),
      sign(SECRET, 'hop', { ...hop, t: late }),
      sign(SECRET, 'hop', hop).replace('203.0.113.9', '203.0.113.8'),
    ]) {
      expect((await ask(us, '/', { [REGION_HEADER]: forged })).status).toBe(403)
    }
    // Nobody left: what came from another region is not sent on, so that it does not go round.
    us.killBackend()
    asia.killBackend()
    await expect.poll(() => up(eu), { timeout: 10_000 }).toEqual([])
    const { pools } = await asia.stats()
    expect(
      (await ask(us, '/', { [REGION_HEADER]: sign(SECRET, 'hop', { ...hop, t: String(Date.now()) }) }))
        .status,
    ).toBe(503)
    expect((await asia.stats()).pools.map(({ requests }) => requests)).toEqual(
      pools.map(({ requests }) => requests),
    )
  })

  it('redirects pages and forwards the rest, when that is the mode', async () => {
    const [eu, us] = regions as [Region, Region, Region]
    await startAll({ mode: 'redirect' }, { US: ['us'] })
    const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
    const american = { ...page, 'cf-ipcountry': 'US' }
    expect((await ask(eu, '/', american)).headers['location']).toBe(`${us.url}/?millrace-region=eu`)
    const kept = [
      await ask(eu, '/', page),
      await ask(eu, '/', american, 'POST'),
      await ask(us, '/', american),
    ]
    expect(kept.map(({ text }) => (JSON.parse(text) as Seen).region)).toEqual(['eu', 'eu', 'us'])
    eu.killBackend()
    await expect.poll(() => answeredBy(eu), { timeout: 10_000 }).toBe('us')
    const { status, headers } = await ask(eu, '/cart?item=1', page)
    expect(status).toBe(307)
    expect(headers['location']).toBe(`${us.url}/cart?item=1&millrace-region=eu`)
    expect(headers['cache-control']).toBe('no-store')
    const sentOn = await ask(eu, '/cart?item=1&millrace-region=asia', page)
    expect(JSON.parse(sentOn.text)).toMatchObject({ region: 'us', url: '/cart?item=1&millrace-region=asia' })
  })
})
