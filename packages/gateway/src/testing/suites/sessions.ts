import { expect, it } from 'vitest'
import type { StickySessions } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { onePool, type Answer } from '../fixture.ts'
import { talliedPool } from './tallied-pools.ts'

const STICKY: StickySessions = {
  kind: 'cookie',
  cookieName: 'lb-session',
  maxAgeMs: 3_600_000,
  secret: 'a secret of enough characters',
}

const setCookie = (answer: Answer): string | undefined => answer.headers['set-cookie']?.at(-1)
const cookieOf = (answer: Answer): string => setCookie(answer)!.split(';')[0]!

export const sessionsSuite: EngineSuitePart = (fixture) => {
  const ask = (cookie?: string, path = '/', headers: Record<string, string> = {}): Promise<Answer> =>
    fixture().ask(path, { headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) } })

  it('a visitor stays with a backend by a signed cookie, which no backend sees', async () => {
    const seen: (string | undefined)[] = []
    const pool = await talliedPool(
      fixture(),
      [1, 2, 3].map((id) => (req, res) => {
        seen.push(req.headers.cookie)
        res.end(`app/${id}`)
      }),
      { sticky: STICKY },
    )
    if (!(await fixture().startWith('sticky', pool.table))) return
    const first = await ask()
    expect(setCookie(first)).toMatch(/^lb-session=[\w-]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/)
    for (let i = 0; i < 9; i++) {
      const answer = await ask(`a=1; ${cookieOf(first)}; b=2`)
      expect(answer.text).toBe(first.text)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect((await ask(cookieOf(first))).text).toBe(first.text)
    expect(seen).toEqual([undefined, ...Array<string>(9).fill('a=1; b=2'), undefined])
    // Others are spread as ever.
    const others = await Promise.all(Array.from({ length: 9 }, () => ask()))
    expect(new Set(others.map(({ text }) => text)).size).toBe(3)
  })

  it('a forged cookie is ignored and replaced', async () => {
    const pool = await talliedPool(fixture(), [undefined, undefined], { sticky: STICKY })
    if (!(await fixture().startWith('sticky', pool.table))) return
    const real = cookieOf(await ask())
    const forged = `${real.slice(0, -1)}${real.endsWith('A') ? 'B' : 'A'}`
    for (const cookie of [forged, 'lb-session=', 'lb-session=app%2F1', `lb-session=${'x'.repeat(5_000)}`]) {
      expect(cookieOf(await ask(cookie))).toMatch(/^lb-session=[\w-]{60}$/)
    }
    await fixture().engine.update(pool.with({ sticky: { ...STICKY, secret: 'another secret, long enough' } }))
    expect(setCookie(await ask(real))).toBeDefined()
  })

  it('is Secure where the visitor uses TLS', async () => {
    const pool = await talliedPool(fixture(), [undefined], { sticky: STICKY })
    if (!(await fixture().startWith('sticky', pool.table, { trustedProxies: ['loopback'] }))) return
    expect(setCookie(await ask(undefined, '/', { 'x-forwarded-proto': 'https' }))).toMatch(/; Secure$/)
    expect(setCookie(await ask())).not.toMatch(/Secure/)
  })

  it('moves to another backend with a new cookie when its own is drained or gone', async () => {
    const pool = await talliedPool(fixture(), [undefined, undefined], { sticky: STICKY })
    if (!(await fixture().startWith('sticky', pool.table))) return
    const first = await ask()
    await fixture().engine.drain(first.text, 1_000)
    const second = await ask(cookieOf(first))
    expect(second.text).not.toBe(first.text)
    expect(cookieOf(second)).not.toBe(cookieOf(first))
    await fixture().engine.undrain(first.text)
    for (let i = 0; i < 4; i++) expect((await ask(cookieOf(second))).text).toBe(second.text)
    const { backends } = pool.table.pools[0]!
    await fixture().engine.update(pool.with({ backends: backends.filter(({ id }) => id !== second.text) }))
    const third = await ask(cookieOf(second))
    expect(third.text).toBe(first.text)
    expect(setCookie(third)).toBeDefined()
  })

  it('stays with a backend that is only full; the one request goes to another', async () => {
    const held: (() => void)[] = []
    const hold =
      (id: number) =>
      (req: { url?: string }, res: { end(text: string): void }): void =>
        req.url === '/hold' ? void held.push(() => res.end(`app/${id}`)) : res.end(`app/${id}`)
    const pool = await talliedPool(fixture(), [hold(1), hold(2)], { sticky: STICKY })
    const backends = pool.table.pools[0]!.backends.map((backend) => ({ ...backend, maxConnections: 1 }))
    if (!(await fixture().startWith('sticky', pool.with({ backends })))) return
    const first = await ask()
    const holding = ask(cookieOf(first), '/hold')
    await expect.poll(() => held.length).toBe(1)
    const meanwhile = await ask(cookieOf(first))
    expect(meanwhile.text).not.toBe(first.text)
    expect(meanwhile.headers['set-cookie']).toBeUndefined()
    held[0]!()
    expect((await holding).text).toBe(first.text)
    expect((await ask(cookieOf(first))).text).toBe(first.text)
  })

  it('what shared caches may keep has no cookie in it', async () => {
    const pool = await talliedPool(
      fixture(),
      [(req, res) => res.setHeader('cache-control', decodeURIComponent(req.url!.slice(1))).end()],
      { sticky: STICKY },
    )
    if (!(await fixture().startWith('sticky', pool.table))) return
    for (const value of ['public', 's-maxage=60', 'max-age=60', 'Public, immutable'])
      expect(setCookie(await ask(undefined, `/${encodeURIComponent(value)}`))).toBeUndefined()
    for (const value of ['private, max-age=60', 'no-store', 'max-age=0', 'no-cache'])
      expect(setCookie(await ask(undefined, `/${encodeURIComponent(value)}`))).toBeDefined()
  })

  it('a WebSocket stays with its backend, and begins a session', async () => {
    const asked: string[] = []
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', (chunk) => {
        asked.push(chunk.toString('latin1'))
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
        )
      }),
    )
    const { routes, pools } = onePool(port)
    const table = { routes, pools: pools.map((pool) => ({ ...pool, sticky: STICKY })) }
    if (!(await fixture().startWith('sticky', table))) return
    const upgrade =
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    const first = await fixture().connect()
    first.write(`${upgrade}\r\n`)
    const head = await first.until((text) => text.includes('\r\n\r\n'))
    const cookie = /set-cookie: (lb-session=[\w-]{60});/i.exec(head)![1]!
    const second = await fixture().connect()
    second.write(`${upgrade}Cookie: ${cookie}\r\n\r\n`)
    expect(await second.until((text) => text.includes('\r\n\r\n'))).not.toMatch(/set-cookie/i)
    expect(asked[1]).not.toContain('lb-session')
  })

  it('by the visitor’s address, without a cookie', async () => {
    const pool = await talliedPool(fixture(), [undefined, undefined, undefined], {
      balance: 'least-connections',
      sticky: { ...STICKY, kind: 'ip' },
    })
    if (!(await fixture().startWith('sticky', pool.table, { trustedProxies: ['loopback'] }))) return
    const from = (address: number): Promise<Answer> =>
      ask(undefined, '/', { 'x-forwarded-for': `192.0.2.${address}` })
    const first = await Promise.all(Array.from({ length: 20 }, (_, i) => from(i)))
    const second = await Promise.all(Array.from({ length: 20 }, (_, i) => from(i)))
    expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text))
    expect(new Set(first.map(({ text }) => text)).size).toBe(3)
    expect(first.every((answer) => setCookie(answer) === undefined)).toBe(true)
  })

  it('two pools cannot have the same cookie, nor a secret that can be guessed', async () => {
    const pool = await talliedPool(fixture(), [undefined], { sticky: STICKY })
    if (!(await fixture().startWith('sticky', pool.table))) return
    const short = { ...STICKY, secret: 'short', cookieName: 'a b', maxAgeMs: 0 }
    const pools = ['one', 'two', 'three'].map((name, at) => ({
      name,
      backends: [],
      sticky: at === 2 ? short : STICKY,
    }))
    await expect(fixture().engine.update({ routes: [], pools })).rejects.toMatchObject({
      code: 'GATEWAY_TABLE_INVALID',
      details: {
        problems: [
          expect.stringMatching(/pool 'two': sticky.cookieName .* 'one'/),
          expect.stringContaining('sticky.cookieName'),
          expect.stringContaining('sticky.maxAgeMs'),
          expect.stringContaining('sticky.secret'),
        ],
      },
    })
  })
}
