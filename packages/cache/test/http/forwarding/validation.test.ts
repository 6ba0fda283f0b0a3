import { describe, expect, it } from 'vitest'
import { numbered, proxy, type OriginRequest } from './proxy.ts'

const TAGGED = { 'cache-control': 'max-age=60', etag: '"a"', 'x-first': '1', 'content-type': 'text/plain' }

describe('a stale response', () => {
  it('is confirmed by the origin, and takes over the fields of the 304', async () => {
    const seen: OriginRequest[] = []
    const { visit, clock } = await proxy((request) => {
      seen.push(request)
      if (request.fields['if-none-match'] === undefined) return { headers: TAGGED, body: 'first' }
      const headers = {
        'cache-control': 'max-age=120',
        etag: '"a"',
        'x-second': '2',
        'content-type': 'image/png',
      }
      return { status: 304, headers }
    })
    await visit('/p')
    await clock.advance(61_000)
    const confirmed = await visit('/p', { headers: { accept: 'x', 'if-none-match': '"other"' } })
    expect([confirmed.status, confirmed.body]).toEqual([200, 'first'])
    expect(confirmed.fields).toMatchObject({
      'x-first': '1',
      'x-second': '2',
      'cache-control': 'max-age=120',
      'content-type': 'image/png',
      age: '0',
      'cache-status': 'millrace; fwd=stale; fwd-status=304',
    })
    expect(seen[1]!.fields).toEqual({ accept: 'x', 'if-none-match': '"a"' })
    await clock.advance(100_000)
    expect((await visit('/p')).fields).toMatchObject({ age: '100', 'x-second': '2' })
    expect(seen).toHaveLength(2)
  })

  it('is confirmed by Last-Modified, and the visitor who has it gets a 304', async () => {
    const modified = 'Wed, 31 Dec 2025 12:00:00 GMT'
    const { visit, clock } = await proxy(({ fields }) => ({
      status: fields['if-modified-since'] === modified ? 304 : 200,
      headers: { 'cache-control': 'max-age=60', 'last-modified': modified },
      body: 'x',
    }))
    await visit('/p')
    await clock.advance(61_000)
    expect((await visit('/p', { headers: { 'if-modified-since': modified } })).status).toBe(304)
  })

  it('is replaced by a new one', async () => {
    const { visit, clock, calls } = await proxy(({ count }) => ({
      headers: { ...TAGGED, etag: `"${count}"` },
      body: `body ${count}`,
    }))
    await visit('/p')
    await clock.advance(61_000)
    expect((await visit('/p')).body).toBe('body 2')
    expect([(await visit('/p')).body, calls()]).toEqual(['body 2', 2])
  })

  it('is dropped when the 304 speaks of another one', async () => {
    const { visit, clock, calls } = await proxy(({ count }) =>
      count === 2
        ? { status: 304, headers: { etag: '"other"' } }
        : { headers: TAGGED, body: `body ${count}` },
    )
    await visit('/p')
    await clock.advance(61_000)
    expect((await visit('/p')).body).toBe('body 1')
    expect([(await visit('/p')).body, calls()]).toEqual(['body 3', 3])
  })

  it('is dropped when its 304 forbids storing it any longer', async () => {
    const { visit, clock, calls } = await proxy(({ count }) =>
      count === 2
        ? { status: 304, headers: { etag: '"a"', 'cache-control': 'no-store' } }
        : { headers: TAGGED, body: `body ${count}` },
    )
    await visit('/p')
    await clock.advance(61_000)
    expect((await visit('/p')).body).toBe('body 1')
    expect([(await visit('/p')).body, calls()]).toEqual(['body 3', 3])
  })

  it('with no-cache is stored, and confirmed each time', async () => {
    const { visit, calls } = await proxy(({ fields }) => ({
      status: fields['if-none-match'] === '"a"' ? 304 : 200,
      headers: { 'cache-control': 'no-cache, max-age=60', etag: '"a"' },
      body: 'x',
    }))
    for (let i = 0; i < 3; i++) expect((await visit('/p')).body).toBe('x')
    expect(calls()).toBe(3)
  })

  it('keeps what came with no-cache="field" to itself', async () => {
    const { visit } = await proxy(
      numbered({ 'cache-control': 'max-age=60, no-cache="x-a, X-B"', 'x-a': '1', 'x-b': '2' }),
    )
    await visit('/p')
    const { fields, from } = await visit('/p')
    expect([from, fields['x-a'], fields['x-b']]).toEqual(['cache', undefined, undefined])
  })
})

describe('stale-while-revalidate', () => {
  it('answers at once and renews in the background, once', async () => {
    const { visit, clock, calls, renewals } = await proxy(
      numbered({ 'cache-control': 's-maxage=60, stale-while-revalidate=30' }),
    )
    await visit('/p')
    await clock.advance(89_000)
    const stale = await Promise.all([visit('/p'), visit('/p'), visit('/p')])
    expect(stale.map(({ body }) => body)).toEqual(['body 1', 'body 1', 'body 1'])
    expect(stale[0]!.fields['cache-status']).toBe('millrace; hit; ttl=-29')
    await renewals()
    expect([(await visit('/p')).body, calls()]).toEqual(['body 2', 2])
  })

  it('is over when its time is over, and never with must-revalidate', async () => {
    for (const control of [
      'max-age=60, stale-while-revalidate=30',
      'max-age=60, stale-while-revalidate=99, must-revalidate',
    ]) {
      const { visit, clock } = await proxy(numbered({ 'cache-control': control }))
      await visit('/p')
      await clock.advance(90_000)
      expect((await visit('/p')).body).toBe('body 2')
    }
  })

  it('can be the rule for responses that say nothing', async () => {
    const { visit, clock } = await proxy(numbered({ 'cache-control': 'max-age=60' }), {
      staleWhileRevalidateMs: 10_000,
    })
    await visit('/p')
    await clock.advance(69_000)
    expect((await visit('/p')).from).toBe('cache')
  })
})

describe('stale-if-error', () => {
  const failing = (how: { dies: 'before' } | { status: number }, control: string) =>
    proxy(({ count }) => (count === 1 ? { headers: { 'cache-control': control }, body: 'good' } : how))

  it.each([
    [{ dies: 'before' as const }],
    [{ status: 500 }],
    [{ status: 502 }],
    [{ status: 503 }],
    [{ status: 504 }],
  ])('answers when the origin fails: %j', async (how) => {
    const { visit, clock } = await failing(how, 'max-age=60, stale-if-error=100')
    await visit('/p')
    await clock.advance(159_000)
    const answer = await visit('/p')
    expect([answer.status, answer.body, answer.from]).toEqual([200, 'good', 'cache'])
    expect(answer.fields['cache-status']).toMatch(/; detail=if-error/)
    await clock.advance(2_000)
    expect((await visit('/p')).status).not.toBe(200)
  })

  it.each([
    ['max-age=60', {}],
    ['max-age=60, stale-if-error=100, must-revalidate', {}],
    ['max-age=60, stale-if-error=100, no-cache', {}],
    ['max-age=60, stale-if-error=100', { 'cache-control': 'stale-if-error=1' }],
  ])('not with %s and %j', async (control, headers) => {
    const { visit, clock } = await failing({ status: 503 }, control)
    await visit('/p')
    await clock.advance(90_000)
    expect((await visit('/p', { headers })).status).toBe(503)
  })

  it('never with what is not for this visitor', async () => {
    const { visit, clock } = await failing({ status: 503 }, 'max-age=60, stale-if-error=100')
    await visit('/p')
    await clock.advance(90_000)
    expect((await visit('/p', { headers: { cookie: 'a=1' } })).status).toBe(503)
  })
})

describe('HEAD', () => {
  it('renews the fields of what is stored while it is the same one', async () => {
    const { visit, clock, calls } = await proxy(({ method }) =>
      method === 'HEAD'
        ? { headers: { etag: '"a"', 'cache-control': 'max-age=600', 'x-new': '1' } }
        : { headers: TAGGED, body: 'x' },
    )
    await visit('/p')
    await clock.advance(61_000)
    await visit('/p', { method: 'HEAD' })
    expect((await visit('/p')).fields).toMatchObject({ age: '0', 'x-new': '1', 'x-first': '1' })
    expect(calls()).toBe(2)
  })

  it('shows that it is another one now', async () => {
    const { visit, calls } = await proxy(({ method, count }) => ({
      headers: { ...TAGGED, etag: method === 'HEAD' ? '"b"' : '"a"' },
      body: `body ${count}`,
    }))
    await visit('/p')
    await visit('/p', { method: 'HEAD', headers: { 'cache-control': 'no-cache' } })
    expect((await visit('/p')).body).toBe('body 3')
    expect(calls()).toBe(3)
  })
})
