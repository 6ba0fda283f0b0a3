import { describe, expect, it } from 'vitest'
import { serveFetch, serveRaw } from './express-server.ts'

describe('staleWhileRevalidateMs', () => {
  it('lets all but the one that renews the response have the old one', async () => {
    const release = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    let calls = 0
    const { ask, clock } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS', { staleWhileRevalidateMs: 30_000 }), async (_, response) => {
        if (++calls > 1) {
          reached.resolve()
          await release.promise
        }
        response.send(`body ${calls}`)
      }),
    )
    await ask('/p')
    await clock.advance(620_000)
    const renewing = ask('/p')
    await reached.promise
    const others = await Promise.all([ask('/p'), ask('/p')])
    expect(others.map(({ body, headers }) => [body, headers.get('x-cache'), headers.get('age')])).toEqual([
      ['body 1', 'STALE', '620'],
      ['body 1', 'STALE', '620'],
    ])
    release.resolve()
    expect((await renewing).body).toBe('body 2')
    const after = await ask('/p')
    expect([after.body, after.headers.get('x-cache'), calls]).toEqual(['body 2', 'HIT', 2])
  })
})

describe('staleIfErrorMs', () => {
  it.each([500, 502, 503, 504])('sends the old response in place of a %i', async (status) => {
    let broken = false
    const { ask, clock } = await serveRaw((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS', { staleIfErrorMs: 60_000 }), (_, response) => {
        if (broken) response.status(status).set('x-failure', '1').json({ error: 'long enough' })
        else response.type('text').send('good')
      }),
    )
    await ask('/p')
    broken = true
    await clock.advance(659_000)
    const stale = await ask('/p')
    expect([stale.status, stale.body]).toEqual([200, 'good'])
    expect(stale.headers).toMatchObject({
      'x-cache': 'STALE',
      age: '659',
      'content-type': 'text/plain; charset=utf-8',
    })
    expect(stale.headers['x-failure']).toBeUndefined()
    await clock.advance(1_000)
    expect((await ask('/p')).status).toBe(status)
  })

  it('sends it in place of what the application throws', async () => {
    let broken = false
    const { ask, clock } = await serveRaw((app, cache) => {
      app.set('env', 'test')
      app.get('/p', cache.middleware('PRODUCTS', { staleIfErrorMs: 60_000 }), async (_, response) => {
        if (broken) throw new Error('no database')
        response.send('good')
      })
    })
    await ask('/p')
    broken = true
    await clock.advance(601_000)
    expect(await ask('/p')).toMatchObject({ status: 200, body: 'good' })
  })

  it('obeys the response’s own must-revalidate', async () => {
    let broken = false
    const { ask, clock } = await serveRaw((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS', { staleIfErrorMs: 60_000 }), (_, response) => {
        if (broken) response.sendStatus(503)
        else response.set('cache-control', 'max-age=60, must-revalidate').send('good')
      }),
    )
    await ask('/p')
    broken = true
    await clock.advance(61_000)
    expect((await ask('/p')).status).toBe(503)
  })
})

describe('forEveryone', () => {
  it('answers and stores for visitors with cookies and credentials', async () => {
    let calls = 0
    const { ask } = await serveRaw((app, cache) =>
      app.get(
        '/p',
        cache.middleware('PRODUCTS', { forEveryone: true }),
        (_, response) => void response.send(`${++calls}`),
      ),
    )
    await ask('/p', { cookie: 'a=1' })
    const answer = await ask('/p', { authorization: 'Bearer x' })
    expect([answer.body, answer.headers['x-cache']]).toEqual(['1', 'HIT'])
    expect(answer.headers['cache-control']).toBe('public, max-age=0, must-revalidate')
    expect((await ask('/p')).body).toBe('1')
  })

  it.each([
    ['private', { 'cache-control': 'private, max-age=60' }],
    ['Set-Cookie', { 'set-cookie': 'a=b' }],
    ['Vary: *', { vary: '*' }],
  ])('still stores nothing that says %s', async (_, headers) => {
    let calls = 0
    const { ask } = await serveRaw((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS', { forEveryone: true }), (_, response) => {
        response.set(headers as Record<string, string>).send(`${++calls}`)
      }),
    )
    await ask('/p')
    expect((await ask('/p')).body).toBe('2')
  })

  it('keeps visitors apart by what the response varies by', async () => {
    const { ask } = await serveRaw((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS', { forEveryone: true }), (request, response) => {
        response.vary('cookie').send(`for ${String(request.headers.cookie)}`)
      }),
    )
    for (const cookie of ['a=1', 'a=2', 'a=1', 'a=2'])
      expect((await ask('/p', { cookie })).body).toBe(`for ${cookie}`)
  })

  it('is refused together with identity', async () => {
    await serveRaw((_, cache) => {
      expect(() => cache.middleware('PRODUCTS', { forEveryone: true, identity: () => 'x' })).toThrow(
        expect.objectContaining({ code: 'CACHE_OPTION_INVALID' }),
      )
    })
  })
})
