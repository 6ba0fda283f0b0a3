import { expect, it } from 'vitest'
import type { GatewayTable, PoolEntry, Split } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually, type Answer } from '../fixture.ts'
import { load } from '../load.ts'
import { namedPool, whoAnswers, type Seen } from './named-pools.ts'

const ROUTE = { prefix: '/', pool: 'old' }

const table = (
  pools: readonly PoolEntry[],
  kind: Split['kind'],
  shares: readonly number[],
): GatewayTable => ({
  routes: [
    {
      ...ROUTE,
      split: {
        name: 'shop',
        kind,
        parts: pools.map(({ name }, at) => ({ pool: name, share: shares[at] ?? 0 })),
      },
    },
  ],
  pools,
})

export const splitsSuite: EngineSuitePart = (fixture) => {
  const both = async (seen: Seen[] = []): Promise<PoolEntry[]> => [
    await namedPool(fixture(), 'old', seen),
    await namedPool(fixture(), 'new', seen),
  ]

  it('a canary gets its share, and the backends learn whose they are', async () => {
    const seen: Seen[] = []
    const pools = await both(seen)
    await fixture().start(table(pools, 'canary', [75, 25]))
    const agent = fixture().agent()
    for (let i = 0; i < 400; i++)
      await fixture().ask('/', { agent, headers: { 'x-millrace-split': 'forged' } })
    const mine = seen.filter(({ name }) => name === 'new')
    // Four standard deviations around 100.
    expect(mine.length).toBeGreaterThan(65)
    expect(mine.length).toBeLessThan(135)
    for (const { name, headers } of seen) expect(headers['x-millrace-split']).toBe(`shop=${name}`)
    await fixture().engine.update(table(pools, 'canary', [100, 0]))
    for (let i = 0; i < 50; i++) expect(await whoAnswers(fixture(), '/', { agent })).toBe('old')
    await fixture().engine.update(table(pools, 'canary', [0, 100]))
    for (let i = 0; i < 50; i++) expect(await whoAnswers(fixture(), '/', { agent })).toBe('new')
  })

  it('blue-green goes over at once and back, under load, without a failed request', async () => {
    const pools = await both()
    await fixture().start(table(pools, 'blue-green', [100, 0]))
    const running = load(fixture())
    for (let i = 0; i < 10; i++) {
      const isNew = i % 2 === 0
      await fixture().engine.update(table(pools, 'blue-green', isNew ? [0, 100] : [100, 0]))
      expect(await whoAnswers(fixture(), '/')).toBe(isNew ? 'new' : 'old')
    }
    const before = running.answered()
    await eventually(() => running.answered() > before + 50, 'more answers')
    expect((await running.stop()).failed).toEqual([])
  })

  const cookieOf = ({ headers }: Answer): string | undefined => headers['set-cookie']?.[0]?.split(';')[0]

  it('a visitor of an A/B test stays in its part, with the cookie or without', async () => {
    const seen: Seen[] = []
    await fixture().start(table(await both(seen), 'ab', [50, 50]))
    const parts = new Map<string, number>()
    for (let visitor = 0; visitor < 60; visitor++) {
      const agent = { 'user-agent': `browser ${visitor}` }
      const first = await fixture().ask('/', { headers: agent })
      const cookie = cookieOf(first)!
      expect(cookie).toMatch(/^millrace_ab_shop=\d{1,4}$/)
      expect(first.headers['set-cookie']![0]).toMatch(/Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
      const { name } = JSON.parse(first.text) as Seen
      expect(await whoAnswers(fixture(), '/', { headers: agent })).toBe(name)
      const again = await fixture().ask('/', {
        headers: { cookie: `a=1; ${cookie}; b=2`, 'user-agent': 'other' },
      })
      expect(again.headers['set-cookie']).toBeUndefined()
      expect((JSON.parse(again.text) as Seen).name).toBe(name)
      // The application has no use for it.
      expect((JSON.parse(again.text) as Seen).headers.cookie?.replaceAll(' ', '')).toBe('a=1;b=2')
      parts.set(name, (parts.get(name) ?? 0) + 1)
    }
    expect(Math.min(...parts.values())).toBeGreaterThan(14)
  })

  it('when shares of an A/B test change, only those move that must', async () => {
    const pools = await both()
    await fixture().start(table(pools, 'ab', [50, 50]))
    const agent = fixture().agent()
    const at = (place: number): Promise<string> =>
      whoAnswers(fixture(), '/', { agent, headers: { cookie: `millrace_ab_shop=${place}` } })
    const places = Array.from({ length: 50 }, (_, i) => i * 200)
    const before = await Promise.all(places.map(at))
    await fixture().engine.update(table(pools, 'ab', [60, 40]))
    const after = await Promise.all(places.map(at))
    expect(before.filter((part) => part === 'old')).toHaveLength(25)
    expect(after.filter((part) => part === 'old')).toHaveLength(30)
    expect(before.filter((part, i) => part !== after[i])).toHaveLength(5)
  })

  it('a cookie that is not a place is none', async () => {
    await fixture().start(table(await both(), 'ab', [50, 50]))
    for (const value of ['', '-1', '99999', 'x', '1e3', '%31']) {
      const answer = await fixture().ask('/', { headers: { cookie: `millrace_ab_shop=${value}` } })
      expect(answer.status).toBe(200)
      expect(cookieOf(answer)).toMatch(/=\d{1,4}$/)
    }
  })

  it('what a canary fails, the stable part answers, when it may be asked twice', async () => {
    const pools = [
      await namedPool(fixture(), 'old'),
      await namedPool(fixture(), 'new', [], (req, res) => {
        if (req.url === '/dies') req.socket.destroy()
        else res.writeHead(500).end('canary')
      }),
    ]
    await fixture().start(table(pools, 'canary', [0, 100]))
    const answer = await fixture().ask('/')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({
      name: 'old',
      headers: { 'x-millrace-split': 'shop=old' },
    })
    expect(await whoAnswers(fixture(), '/dies')).toBe('old')
    expect(await whoAnswers(fixture(), '/', { method: 'PUT', body: 'x' })).toBe('old')
    expect(await whoAnswers(fixture(), '/', { method: 'POST', body: 'x' })).toBe('500')
    expect(await whoAnswers(fixture(), '/dies', { method: 'POST', body: 'x' })).toBe('502')
    const { splits } = await fixture().engine.stats()
    expect(splits).toMatchObject([
      {
        name: 'shop',
        kind: 'canary',
        parts: [
          { pool: 'old', share: 0, requests: 0 },
          { pool: 'new', share: 100, requests: 5, errors: 5 },
        ],
      },
    ])
  })

  it('WebSockets go to the canary as well, and large bodies pass through it', async () => {
    const body = Buffer.alloc(1_000_000, 'x')
    const canary = await fixture().backend(
      (req, res) => void req.resume().on('end', () => res.end(body)),
      (server) =>
        server.on('upgrade', (_req, socket) => {
          socket.on('error', () => undefined)
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
          )
          socket.pipe(socket)
        }),
    )
    const pools = [
      await namedPool(fixture(), 'old'),
      { name: 'new', backends: [{ id: 'new/1', host: '127.0.0.1', port: canary }] },
    ]
    await fixture().start(table(pools, 'canary', [0, 100]))
    const connection = await fixture().connect()
    connection.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    expect(await connection.until((text) => text.includes('\r\n\r\n'))).toContain('101 Switching Protocols')
    connection.write('hello')
    await connection.until((text) => text.endsWith('hello'))
    connection.destroy()
    const uploaded = await fixture().ask('/', { method: 'PUT', body })
    expect(uploaded.body).toHaveLength(body.length)
  })

  it('nobody waits for a canary of which nothing is up', async () => {
    const pools = [await namedPool(fixture(), 'old'), { name: 'new', backends: [] }]
    await fixture().start(table(pools, 'canary', [0, 100]))
    const begun = performance.now()
    expect(await whoAnswers(fixture(), '/')).toBe('old')
    expect(await whoAnswers(fixture(), '/', { method: 'POST', body: 'x' })).toBe('old')
    expect(performance.now() - begun).toBeLessThan(2_000)
  })

  it('refuses splits that are wrong, with every problem', async () => {
    await fixture().start(table(await both(), 'ab', [50, 50]))
    const split = (change: Partial<Split>): Split => ({
      name: 'shop',
      kind: 'ab',
      parts: [
        { pool: 'old', share: 50 },
        { pool: 'new', share: 50 },
      ],
      ...change,
    })
    const pools = ['old', 'new', 'third'].map((name) => ({ name, backends: [] }))
    const refused = async (change: Partial<Split>): Promise<string> => {
      const wrong = { routes: [{ ...ROUTE, split: split(change) }], pools }
      return fixture()
        .engine.update(wrong)
        .then(
          () => '',
          (error: Error) => error.message,
        )
    }
    expect(await refused({})).toBe('')
    expect(await refused({ name: 'Shop' })).toContain('its name')
    expect(await refused({ cookie: 'a b' })).toContain('split.cookie')
    expect(await refused({ parts: [{ pool: 'old', share: 100 }] })).toContain('parts: 1')
    expect(
      await refused({
        parts: [
          { pool: 'old', share: 60 },
          { pool: 'new', share: 50 },
        ],
      }),
    ).toContain('110')
    expect(
      await refused({
        parts: [
          { pool: 'old', share: 50 },
          { pool: 'gone', share: 50 },
        ],
      }),
    ).toContain('gone')
    expect(
      await refused({
        parts: [
          { pool: 'third', share: 50 },
          { pool: 'new', share: 50 },
        ],
      }),
    ).toContain('own pool')
    expect(
      await refused({
        parts: [
          { pool: 'old', share: 99.999 },
          { pool: 'new', share: 0.001 },
        ],
      }),
    ).toContain('0.01')
    expect(await refused({ kind: 'blue-green' })).toContain('blue-green')
    const three = ['old', 'new', 'third'].map((pool, i) => ({ pool, share: [40, 30, 30][i]! }))
    expect(await refused({ kind: 'canary', parts: three })).toContain('canary has two')
  })
}
