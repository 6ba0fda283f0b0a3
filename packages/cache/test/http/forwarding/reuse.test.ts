import { describe, expect, it } from 'vitest'
import { numbered, proxy } from './proxy.ts'

const MINUTE = { 'cache-control': 'max-age=60' }

describe('Age', () => {
  it('adds up what the response brought, how long it took and how long it was stored', async () => {
    const { visit, clock } = await proxy(async ({ count }) => {
      if (count === 1) await clock.advance(2_000)
      return { headers: { ...MINUTE, age: '7' }, body: 'x' }
    })
    await visit('/p')
    await clock.advance(3_900)
    expect((await visit('/p')).fields.age).toBe('12')
  })

  it('is at least what the origin’s Date says', async () => {
    const { visit } = await proxy(numbered({ ...MINUTE, date: 'Wed, 31 Dec 2025 23:59:30 GMT' }))
    await visit('/p')
    expect((await visit('/p')).fields.age).toBe('30')
  })
})

describe('what a visitor asks for', () => {
  it.each([
    ['no-cache', 'no-cache', undefined],
    ['Pragma: no-cache', undefined, 'no-cache'],
    ['a younger one', 'max-age=9', undefined],
    ['one that stays fresh longer', 'min-fresh=51', undefined],
  ])('%s: the origin is asked', async (_, control, pragma) => {
    const { visit, calls, clock } = await proxy(numbered(MINUTE))
    await visit('/p')
    await clock.advance(10_000)
    expect((await visit('/p', { headers: { 'cache-control': control, pragma } })).from).toBe('origin')
    expect(calls()).toBe(2)
  })

  it('does not count when the configuration says so', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE), { requestDirectives: 'ignore' })
    await visit('/p')
    await visit('/p', { headers: { 'cache-control': 'no-cache' } })
    expect(calls()).toBe(1)
  })

  it('no-store: nothing of it is stored, nor answered from what is', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE))
    const headers = { 'cache-control': 'no-store' }
    for (let i = 0; i < 2; i++) await visit('/p', { headers })
    await visit('/p')
    expect((await visit('/p', { headers })).body).toBe('body 4')
    expect([(await visit('/p')).body, calls()]).toEqual(['body 3', 4])
  })

  it('only-if-cached: what is stored, or 504', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE))
    const headers = { 'cache-control': 'only-if-cached' }
    expect((await visit('/p', { headers })).status).toBe(504)
    await visit('/p')
    expect((await visit('/p', { headers })).status).toBe(200)
    expect(calls()).toBe(1)
  })

  it.each([
    ['max-stale', 'max-age=60', 'cache'],
    ['max-stale=30', 'max-age=60', 'cache'],
    ['max-stale=29', 'max-age=60', 'origin'],
    ['max-stale', 'max-age=60, must-revalidate', 'origin'],
    ['max-stale', 'max-age=60, proxy-revalidate', 'origin'],
    ['max-stale', 's-maxage=60', 'origin'],
  ])('%s of a response with %s: from the %s', async (wanted, control, from) => {
    const { visit, clock } = await proxy(numbered({ 'cache-control': control, etag: '"1"' }))
    await visit('/p')
    await clock.advance(90_000)
    expect((await visit('/p', { headers: { 'cache-control': wanted } })).from).toBe(from)
  })
})

describe('conditions of the visitor are answered from the store', () => {
  const FIELDS = {
    ...MINUTE,
    etag: '"a"',
    'last-modified': 'Wed, 31 Dec 2025 12:00:00 GMT',
    'content-type': 'text/plain',
  }

  it.each([
    [{ 'if-none-match': '"a"' }, 304],
    [{ 'if-none-match': 'W/"a"' }, 304],
    [{ 'if-none-match': '"b", "a"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"b"' }, 200],
    [{ 'if-none-match': '"b"', 'if-modified-since': 'Wed, 31 Dec 2025 12:00:00 GMT' }, 200],
    [{ 'if-modified-since': 'Wed, 31 Dec 2025 12:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Wednesday, 31-Dec-25 12:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Wed, 31 Dec 2025 11:59:59 GMT' }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
  ])('%j: %i', async (headers, status) => {
    const { visit, calls } = await proxy(numbered(FIELDS))
    await visit('/p')
    const answer = await visit('/p', { headers })
    expect([answer.status, answer.body, calls()]).toEqual([status, status === 304 ? '' : 'body 1', 1])
    expect(answer.fields).toMatchObject({ etag: '"a"', age: '0', 'cache-control': 'max-age=60' })
    expect(answer.fields['content-type']).toBe(status === 304 ? undefined : 'text/plain')
  })

  it.each([
    ['bytes=0-1', 206, 'bo', 'bytes 0-1/6'],
    ['bytes=4-', 206, ' 1', 'bytes 4-5/6'],
    ['bytes=-1', 206, '1', 'bytes 5-5/6'],
    ['bytes=-99', 206, 'body 1', 'bytes 0-5/6'],
    ['bytes=0-99', 206, 'body 1', 'bytes 0-5/6'],
    ['bytes=6-', 416, '', 'bytes */6'],
    ['bytes=-0', 416, '', 'bytes */6'],
    ['bytes=3-2', 200, 'body 1', undefined],
    ['bytes=0-1,3-4', 200, 'body 1', undefined],
    ['lines=0-1', 200, 'body 1', undefined],
  ])('Range: %s: %i', async (range, status, body, contentRange) => {
    const { visit, calls } = await proxy(numbered(FIELDS))
    await visit('/p')
    const answer = await visit('/p', { headers: { range } })
    expect([answer.status, answer.body, answer.fields['content-range']]).toEqual([status, body, contentRange])
    expect([answer.fields['content-length'], calls()]).toEqual([String(body.length), 1])
  })

  it.each([
    ['"a"', 206],
    ['W/"a"', 200],
    ['"b"', 200],
    ['Wed, 31 Dec 2025 12:00:00 GMT', 206],
    ['Wed, 31 Dec 2025 12:00:01 GMT', 200],
  ])('If-Range: %s: %i', async (ifRange, status) => {
    const { visit } = await proxy(numbered(FIELDS))
    await visit('/p')
    expect((await visit('/p', { headers: { range: 'bytes=0-1', 'if-range': ifRange } })).status).toBe(status)
  })

  it('If-Match: only by the origin', async () => {
    const { visit, calls } = await proxy(numbered(FIELDS))
    await visit('/p')
    await visit('/p', { headers: { 'if-match': '"a"' } })
    expect(calls()).toBe(2)
  })

  it('HEAD without a body', async () => {
    const { visit, calls } = await proxy(numbered(FIELDS))
    await visit('/p')
    const answer = await visit('/p', { method: 'HEAD' })
    expect([answer.status, answer.body, answer.fields['content-length'], calls()]).toEqual([200, '', '6', 1])
  })

  it('and are taken off a request that is to fill the cache', async () => {
    const seen: (string | undefined)[] = []
    const { visit } = await proxy(({ fields }) => {
      seen.push(fields['if-none-match'] as string | undefined)
      return { headers: FIELDS, body: 'x' }
    })
    await visit('/p', { headers: { 'if-none-match': '"a"' } })
    expect(seen).toEqual([undefined])
    expect((await visit('/p')).from).toBe('cache')
  })
})

describe('variants', () => {
  const by = (name: string) =>
    proxy(({ fields, count }) => ({
      headers: { ...MINUTE, vary: name },
      body: `${count} for ${String(fields[name.toLowerCase()])}`,
    }))

  it('are kept apart by what Vary names', async () => {
    const { visit, calls } = await by('X-Theme')
    for (let i = 0; i < 2; i++) {
      expect((await visit('/p', { headers: { 'x-theme': 'dark' } })).body).toBe('1 for dark')
      expect((await visit('/p', { headers: { 'X-Theme': ' light ' } })).body).toBe('2 for  light ')
      expect((await visit('/p')).body).toBe('3 for undefined')
      expect((await visit('/p', { headers: { 'x-theme': '' } })).body).toBe('4 for ')
    }
    expect(calls()).toBe(4)
  })

  it.each([
    ['accept-encoding', 'gzip, br', 'br,GZIP', 1],
    ['accept-encoding', 'gzip, br', 'gzip', 2],
    ['accept-language', 'en, de', 'EN,de', 1],
    ['accept-language', 'en, de', 'de, en', 2],
    ['x-user', 'a, b', 'a,b', 2],
    ['x-user', 'a', 'A', 2],
  ])('of %s for %s and %s: %i', async (name, first, second, expected) => {
    const { visit, calls } = await by(name)
    await visit('/p', { headers: { [name]: first } })
    await visit('/p', { headers: { [name]: second } })
    expect(calls()).toBe(expected)
  })

  it('of lines and of one joined line are the same', async () => {
    const { visit, calls } = await by('x-list')
    await visit('/p', { headers: { 'x-list': '1, 2' } })
    await visit('/p', { headers: { 'x-list': ['1', '2'] } })
    expect(calls()).toBe(1)
  })

  it('are bounded for each address', async () => {
    const { visit, calls, cache } = await proxy(numbered({ ...MINUTE, vary: 'x' }), { maxVariants: 3 })
    for (let i = 0; i < 10; i++) await visit('/p', { headers: { x: String(i) } })
    // Three variants and the sign that says by what they differ.
    expect(cache.stats().entries).toBe(4)
    await visit('/p', { headers: { x: '9' } })
    expect(calls()).toBe(10)
    await visit('/p', { headers: { x: '0' } })
    expect(calls()).toBe(11)
  })

  it('of a Vary that changes from response to response never answer for one another', async () => {
    const { visit } = await proxy(({ fields, count }) => ({
      headers: { ...MINUTE, vary: count % 2 === 0 ? 'a' : 'b' },
      body: `${String(fields.a)} ${String(fields.b)}`,
    }))
    for (let round = 0; round < 3; round++) {
      for (const a of ['1', '2']) {
        for (const b of ['1', '2']) {
          expect((await visit('/p', { headers: { a, b } })).body).toBe(`${a} ${b}`)
        }
      }
    }
  })
})
