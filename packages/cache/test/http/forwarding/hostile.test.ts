import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numbered, proxy, type OriginRequest } from './proxy.ts'

const MINUTE = { 'cache-control': 'max-age=60' }

/** Whose page it is: nobody's when no credentials came along. */
function userOf({ fields }: OriginRequest): string {
  return /user=(\w+)/.exec(`${String(fields.cookie)} ${String(fields.authorization)}`)?.[1] ?? 'nobody'
}

describe('a response for one user is never served to another', () => {
  const users = [undefined, 'ann', 'bob', 'cem'] as const
  /** Mostly the first: what is asked for again is what a cache has. */
  const often = <Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(usual) },
      { weight: 2, arbitrary: fc.constantFrom(...others) },
    )
  const visitor = fc.record({
    user: often<string | undefined>(undefined, 'ann', 'bob'),
    carrier: fc.constantFrom('cookie', 'Cookie', 'AUTHORIZATION'),
    language: often<string | undefined>('de', undefined, 'fr', 'de","x-theme":"dark'),
    theme: often<string | undefined>('dark', undefined, 'light', '', 'dark\\'),
    control: often<string | undefined>(
      undefined,
      undefined,
      'no-cache',
      'max-stale',
      'max-age=0',
      'only-if-cached',
    ),
    range: often<string | undefined>(undefined, undefined, 'bytes=0-2'),
    method: often('GET', 'GET', 'HEAD'),
    waits: often(0, 40_000, 70_000),
    fails: often(false, false, true),
  })
  /** What an origin may say of a page that is made for one user, without lying. */
  const honest = fc.constantFrom(
    '',
    'max-age=60',
    'max-age=60',
    'max-age=60, stale-while-revalidate=60',
    'max-age=60, stale-if-error=60',
    'no-cache',
    'no-store',
    'private, max-age=60',
    'private="x-user"',
    'max-age="60", unknown="public, s-maxage=60"',
  )

  it('whatever headers, cookies, Vary and failures are combined', async () => {
    let hits = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(visitor, { minLength: 2, maxLength: 14 }),
        honest,
        fc.constantFrom('', 'Accept-Language, X-Theme', 'x-theme,accept-language', 'X-Theme'),
        fc.boolean(),
        fc.boolean(),
        async (visitors, control, vary, setsCookie, tagged) => {
          let failing = false
          const { visit, clock, renewals } = await proxy((request) => {
            const { fields } = request
            if (failing) return { status: 503, headers: { 'x-page': 'failure' } }
            const language = vary.includes('Language') || vary.includes('language')
            const page = [
              userOf(request),
              language ? fields['accept-language'] : '',
              vary === '' ? '' : fields['x-theme'],
            ]
            const text = JSON.stringify(page.map((part) => part ?? null))
            const headers = {
              'x-page': encodeURIComponent(text),
              ...(control !== '' && { 'cache-control': control }),
              ...(vary !== '' && { vary }),
              ...(tagged && { etag: `"${encodeURIComponent(text)}"` }),
              ...(setsCookie && userOf(request) !== 'nobody' && { 'set-cookie': `user=${userOf(request)}` }),
            }
            if (tagged && fields['if-none-match'] === headers.etag) return { status: 304, headers }
            return { headers, body: text }
          })
          for (const { user, carrier, language, theme, control: wanted, range, method, waits, fails } of [
            ...visitors,
            ...visitors,
          ]) {
            await clock.advance(waits)
            failing = fails
            const answer = await visit('/p', {
              method,
              headers: {
                'accept-language': language,
                'x-theme': theme,
                'cache-control': wanted,
                range,
                ...(user !== undefined && { [carrier]: `user=${user}` }),
              },
            })
            await renewals()
            if (answer.status === 504 || answer.fields['x-page'] === 'failure') continue
            const expectsLanguage = /language/i.test(vary)
            expect(JSON.parse(decodeURIComponent(String(answer.fields['x-page'])))).toEqual([
              user ?? 'nobody',
              expectsLanguage ? (language ?? null) : '',
              vary === '' ? '' : (theme ?? null),
            ])
            if (answer.from !== 'cache') continue
            hits++
            expect(answer.fields['set-cookie']).toBeUndefined()
          }
        },
      ),
      { numRuns: 300 },
    )
    // It was about a cache.
    expect(hits).toBeGreaterThan(300)
  }, 60_000)

  it('when they come at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...users), { minLength: 2, maxLength: 12 }),
        fc.constantFrom('max-age=60', 'private', 'no-cache', 'max-age=60, must-revalidate'),
        async (asking, control) => {
          const { visit } = await proxy(async (request) => {
            for (let i = 0; i < 3; i++) await Promise.resolve()
            return { headers: { 'cache-control': control }, body: userOf(request) }
          })
          const answers = await Promise.all(
            asking.map((user) => visit('/p', { headers: { cookie: user && `user=${user}` } })),
          )
          expect(answers.map(({ body }) => body)).toEqual(asking.map((user) => user ?? 'nobody'))
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a key cannot be made to look like another one', () => {
  it.each([
    ['a Host with a path', '/b', { host: 'shop.example/a' }, '/a/b', {}],
    ['a Host with credentials', '/p', { host: 'x@shop.example' }, '/p', {}],
    ['a Host with a space', '/p', { host: 'shop.example /p' }, '/p', {}],
    ['the absolute form', 'https://shop.example/p', {}, '/p', {}],
    ['another scheme', '/p', { scheme: 'http' }, '/p', {}],
    ['another port', '/p', { host: 'shop.example:8443' }, '/p', {}],
    ['what a variant’s key looks like', '/p%20x1%20["dark"]', {}, '/p', { headers: { 'x-theme': 'dark' } }],
  ])('by %s', async (_, target, options, other, otherOptions) => {
    const { visit } = await proxy(({ target, fields, count }) => ({
      headers: { ...MINUTE, vary: 'x-theme' },
      body: `${count} ${target} ${String(fields['x-theme'])}`,
    }))
    await visit(target, options)
    expect((await visit(other, otherOptions)).body).toMatch(new RegExp(`^2 ${other}`))
  })

  it.each([
    'x-forwarded-host',
    'X-Forwarded-Proto',
    'x-forwarded-scheme',
    'x-forwarded-prefix',
    'x-forwarded-port',
    'x-host',
    'X-Original-URL',
    'x-rewrite-url',
    'x-http-method-override',
  ])('by %s, which applications believe', async (name) => {
    const { visit } = await proxy(({ fields }) => ({
      headers: MINUTE,
      body: `for ${String(fields[name.toLowerCase()])}`,
    }))
    const poison = { headers: { [name]: 'evil' } }
    expect((await visit('/p', poison)).body).toBe('for evil')
    expect((await visit('/p')).body).toBe('for undefined')
    expect((await visit('/p', poison)).from).toBe('cache')
    expect((await visit('/p', { headers: { [name]: 'other' } })).body).toBe('for other')
  })

  it.each([{ 'content-length': '3' }, { 'transfer-encoding': 'chunked' }])(
    'by a body: %j',
    async (headers) => {
      const { visit, calls } = await proxy(numbered(MINUTE))
      await visit('/p', { headers })
      await visit('/p')
      await visit('/p', { headers })
      expect(calls()).toBe(3)
      await visit('/p', { headers: { 'content-length': '0' } })
      expect(calls()).toBe(3)
    },
  )
})

describe('limits', () => {
  it('of a key: longer ones are not for the cache', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE))
    const long = `/${'x'.repeat(8_192)}`
    for (let i = 0; i < 2; i++) expect((await visit(long)).status).toBe(200)
    expect(calls()).toBe(2)
  })

  it('of what a response varies by', async () => {
    const { visit, calls, cache } = await proxy(numbered({ ...MINUTE, vary: 'x-long' }))
    for (let i = 0; i < 2; i++) await visit('/p', { headers: { 'x-long': 'x'.repeat(9_000) } })
    expect([calls(), cache.stats().entries]).toEqual([2, 0])
  })

  it('of memory, whatever is asked for', async () => {
    const { visit, cache } = await proxy(
      ({ target }) => ({ headers: { ...MINUTE, vary: 'x' }, body: target.repeat(100) }),
      { maxBytes: 200_000 },
    )
    for (let i = 0; i < 400; i++) await visit(`/${i}`, { headers: { x: String(i) } })
    const { bytes, maxBytes, entries } = cache.stats()
    expect(bytes).toBeLessThanOrEqual(maxBytes)
    expect(entries).toBeGreaterThan(10)
  })

  it('of options: a wrong one is named', async () => {
    for (const [options, field] of [
      [{ maxBytes: 1 }, 'maxBytes'],
      [{ name: 'two words' }, 'name'],
      [{ keyHeaders: ['a b'] }, 'keyHeaders.0'],
      [{ redis: { port: 'x' } }, 'redis'],
    ] as const) {
      await expect(proxy(numbered({}), options)).rejects.toMatchObject({
        code: 'CACHE_OPTION_INVALID',
        details: { field },
      })
    }
  })
})
