import { describe, expect, it } from 'vitest'
import { numbered, proxy } from './proxy.ts'

const CREDENTIALS = { cookie: 'session=1', authorization: 'Bearer x' }

describe('a response is stored and used again', () => {
  it.each([
    ['max-age', { 'cache-control': 'max-age=60' }],
    ['s-maxage in place of max-age', { 'cache-control': 'max-age=0, s-maxage=60' }],
    ['Expires', { expires: 'Thu, 01 Jan 2026 00:01:00 GMT' }],
    [
      'CDN-Cache-Control in place of no-store',
      { 'cdn-cache-control': 'max-age=60', 'cache-control': 'no-store' },
    ],
    ['Surrogate-Control', { 'surrogate-control': 'max-age=60', 'cache-control': 'private' }],
    ['a tenth of the time since Last-Modified', { 'last-modified': 'Wed, 31 Dec 2025 00:00:00 GMT' }],
    ['a status that it understands', { 'cache-control': 'max-age=60, no-store, must-understand' }],
    ['a private field, without it', { 'cache-control': 'max-age=60, private="x-own"', 'x-own': '1' }],
  ])('by %s', async (_, headers) => {
    const { visit, calls } = await proxy(numbered(headers))
    await visit('/p')
    const second = await visit('/p')
    expect([second.body, second.from, calls()]).toEqual(['body 1', 'cache', 1])
    expect(second.fields).toMatchObject({ age: '0', 'content-length': '6' })
    expect(second.fields['cache-status']).toMatch(/^millrace; hit; ttl=\d+$/)
    expect(second.fields['x-own']).toBeUndefined()
  })

  it.each([200, 203, 204, 299, 301, 302, 307, 308, 400, 404, 410, 500, 503, 599])(
    'whatever the status, such as %i, when a time is stated',
    async (status) => {
      const { visit, calls } = await proxy(numbered({ 'cache-control': 'max-age=60' }, status))
      await visit('/p')
      expect((await visit('/p')).status).toBe(status)
      expect(calls()).toBe(1)
    },
  )

  it.each([
    ['public', 'public, max-age=60'],
    ['s-maxage', 's-maxage=60'],
  ])('for visitors with credentials when it says %s', async (_, control) => {
    const { visit, calls } = await proxy(numbered({ 'cache-control': control }))
    for (const headers of [CREDENTIALS, {}, CREDENTIALS]) await visit('/p', { headers })
    expect(calls()).toBe(1)
  })

  it('for visitors with Authorization when it says must-revalidate', async () => {
    const { visit, calls } = await proxy(numbered({ 'cache-control': 'max-age=60, must-revalidate' }))
    const { authorization } = CREDENTIALS
    await visit('/p', { headers: { authorization } })
    await visit('/p', { headers: { authorization } })
    expect(calls()).toBe(1)
  })
})

describe('a response is not stored', () => {
  it.each([
    ['no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['private', { 'cache-control': 'max-age=60, private' }],
    ['a cookie', { 'cache-control': 'public, max-age=60', 'set-cookie': 'a=b' }],
    ['no time and no date', {}],
    ['an Expires that is no date', { expires: '0' }],
    ['a time in the past', { expires: 'Wed, 31 Dec 2025 23:59:59 GMT' }],
    ['a negative time', { 'cache-control': 'max-age=-60' }],
    ['a time in single quotes', { 'cache-control': "max-age='60'" }],
    ['a time inside of another directive', { 'cache-control': 'x="max-age=60", max-age=0' }],
    ['an age beyond its time', { 'cache-control': 'max-age=60', age: '61' }],
    ['Vary: *', { 'cache-control': 'max-age=60', vary: 'x, *' }],
    [
      'more in Vary than is kept apart',
      { 'cache-control': 'max-age=60', vary: Array.from({ length: 33 }, (_, i) => `x-${i}`).join() },
    ],
    ['a targeted field that says so', { 'cdn-cache-control': 'no-store', 'cache-control': 'max-age=60' }],
    [
      'more surrogate keys than are kept',
      { 'cache-control': 'max-age=60', 'cache-tag': Array.from({ length: 65 }, (_, i) => `k${i}`).join() },
    ],
  ])('with %s', async (_, headers) => {
    const { visit, calls } = await proxy(numbered(headers))
    await visit('/p')
    expect((await visit('/p')).body).toBe('body 2')
    expect(calls()).toBe(2)
  })

  it.each([
    ['no-store, must-understand', 299, { 'cache-control': 'max-age=60, no-store, must-understand' }],
    ['a part', 206, { 'cache-control': 'max-age=60', 'content-range': 'bytes 0-1/10' }],
    ['a guess', 302, { 'last-modified': 'Wed, 31 Dec 2025 00:00:00 GMT' }],
  ])('with %s and status %i', async (_, status, headers) => {
    const { visit, calls } = await proxy(numbered(headers, status))
    await visit('/p')
    await visit('/p')
    expect(calls()).toBe(2)
  })

  it.each([
    ['cookies', { cookie: 'a=1' }],
    ['Authorization', { authorization: 'Bearer x' }],
  ])('of a request with %s, nor is one of others given to it', async (_, headers) => {
    const { visit, calls } = await proxy(numbered({ 'cache-control': 'max-age=60' }))
    await visit('/p', { headers })
    expect((await visit('/p')).body).toBe('body 2')
    expect((await visit('/p', { headers })).body).toBe('body 3')
    expect((await visit('/p')).body).toBe('body 2')
    expect(calls()).toBe(3)
  })

  it('when it is cut short, larger than allowed, or shorter than it says', async () => {
    const answers = [
      { dies: 'within' as const, body: 'body' },
      { body: 'x'.repeat(11) },
      { body: 'body', headers: { 'cache-control': 'max-age=60', 'content-length': '5' } },
      { body: 'body' },
    ]
    const { visit, calls } = await proxy(
      ({ count }) => ({ headers: { 'cache-control': 'max-age=60' }, ...answers[count - 1] }),
      { maxBodyBytes: 10 },
    )
    for (let i = 0; i < 6; i++) await visit('/p')
    expect(calls()).toBe(4)
  })

  it('with fields that belong to one connection, or to the past', async () => {
    const { visit } = await proxy(
      numbered({
        'cache-control': 'max-age=60',
        connection: 'x-hop',
        'x-hop': '1',
        'keep-alive': 'timeout=5',
        'proxy-authenticate': 'Basic',
        warning: '110 - stale',
        'x-kept': '1',
      }),
    )
    await visit('/p')
    const { fields } = await visit('/p')
    expect(Object.keys(fields).sort()).toEqual([
      'age',
      'cache-control',
      'cache-status',
      'content-length',
      'date',
      'x-kept',
    ])
  })
})
