import type express from 'express'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { onHeaders, serveExpress, serveRaw } from './express-server.ts'

describe('one response never reaches somebody else', () => {
  it('whatever cookies, credentials, Vary and Cache-Control are combined', async () => {
    const users = ['ann', 'bob', 'cem'] as const
    const how = fc.record({
      user: fc.constantFrom(undefined, ...users),
      carrier: fc.constantFrom('cookie', 'authorization'),
      path: fc.constantFrom('/shared', '/own'),
      language: fc.constantFrom(undefined, 'de', 'fr', 'de&x-theme=dark'),
      theme: fc.constantFrom(undefined, 'dark', 'light', 'dark&x=1'),
      vary: fc.constantFrom('', 'Accept-Language, X-Theme', 'x-theme,accept-language'),
      setCookie: fc.boolean(),
      control: fc.constantFrom('', 'public, max-age=60', 'private', 'private="x"', 's-maxage=60'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(how, { minLength: 2, maxLength: 12 }), async (requests) => {
        const { ask } = await serveRaw((app, cache) => {
          const handler: express.RequestHandler = (request, response) => {
            const { headers } = request
            const user = /user=(\w+)/.exec(`${headers.cookie} ${headers.authorization}`)?.[1] ?? 'nobody'
            if (headers['x-vary'] !== '') response.setHeader('vary', String(headers['x-vary']))
            if (headers['x-control'] !== '') response.setHeader('cache-control', String(headers['x-control']))
            if (headers['x-set-cookie'] === 'true') response.setHeader('set-cookie', `user=${user}`)
            response.json([user, headers['accept-language'] ?? '', headers['x-theme'] ?? ''])
          }
          app.get('/shared', cache.middleware('PRODUCTS'), handler)
          const identity = ({ headers }: express.Request): string | undefined =>
            headers.cookie ?? headers.authorization
          app.get('/own', cache.middleware<express.Request>('PRODUCTS', { identity }), handler)
        })
        // A second time over: what the first round stored is what the second is given.
        for (const { user, carrier, path, language, theme, vary, setCookie, control } of [
          ...requests,
          ...requests,
        ]) {
          const varied = vary === '' ? {} : { 'accept-language': language, 'x-theme': theme }
          const answer = await ask(`${path}?${vary === '' ? 'plain' : 'varied'}`, {
            ...Object.fromEntries(Object.entries(varied).filter(([, value]) => value !== undefined)),
            ...(user === undefined ? {} : { [carrier]: `user=${user}` }),
            'x-vary': vary,
            'x-control': control,
            'x-set-cookie': String(setCookie),
          })
          const expected = [user ?? 'nobody', varied['accept-language'] ?? '', varied['x-theme'] ?? '']
          expect(JSON.parse(answer.body)).toEqual(expected)
          const cookies = answer.headers['set-cookie'] ?? []
          expect(cookies).toEqual(
            answer.headers['x-cache'] === 'HIT' || !setCookie ? [] : [`user=${expected[0]}`],
          )
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('when a Host that contains a path is sent to take another path’s place', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.use(cache.middleware('PRODUCTS'), (request, response) => void response.send(request.url))
    })
    await ask('/b', { host: 'shop.example/a' })
    expect((await ask('/a/b')).body).toBe('/a/b')
  })

  it('when a key of the caller’s own looks like one made for an identity or a page', async () => {
    const { ask } = await serveRaw((app, cache) => {
      const own = cache.middleware<express.Request>('USER_PROFILE', {
        key: ({ query }) => query.name as string,
      })
      const identity = ({ headers }: express.Request): string | undefined => headers.authorization
      app.get('/me', cache.middleware<express.Request>('USER_PROFILE', { identity }), (_, response) => {
        response.send('secret')
      })
      app.get('/page', cache.middleware('USER_PROFILE'), (_, response) => void response.send('page'))
      app.get('/search', own, (_, response) => void response.send('search'))
    })
    await ask('/me', { authorization: 'ann' })
    await ask('/page')
    for (const name of ['@ann GET shop.example/me', '@"ann" GET shop.example/me', 'GET shop.example/page']) {
      expect((await ask(`/search?name=${encodeURIComponent(name)}`)).body).toBe('search')
    }
  })

  it('when one scheme or forwarded host is redirected to another', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.use(cache.middleware('PRODUCTS'), ({ headers }, response) => {
        if (headers['x-forwarded-proto'] === 'http') response.redirect(301, 'https://shop.example/')
        else response.send(`for ${String(headers['x-forwarded-host'])}`)
      })
    })
    expect((await ask('/', { 'x-forwarded-proto': 'http' })).status).toBe(301)
    expect((await ask('/', { 'x-forwarded-proto': 'https' })).status).toBe(200)
    await ask('/', { 'x-forwarded-host': 'evil.example' })
    expect((await ask('/', { 'x-forwarded-host': 'shop.example' })).body).toBe('for shop.example')
  })

  it('when a service is mounted in two places and writes links', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.use(cache.middleware('PRODUCTS'), ({ headers }, response) => {
        response.send(`<a href="${String(headers['x-forwarded-prefix'])}/next">`)
      })
    })
    await ask('/', { 'x-forwarded-prefix': '/a' })
    expect((await ask('/', { 'x-forwarded-prefix': '/b' })).body).toBe('<a href="/b/next">')
    await ask('/c', { 'x-forwarded-prefix': 'javascript:alert(1)//' })
    expect((await ask('/c', { 'x-forwarded-prefix': '/b' })).body).toBe('<a href="/b/next">')
  })

  it('when parameters that are ignored push another one beyond what the application reads', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.set('query parser', 'extended')
      const middleware = cache.middleware('PRODUCTS', { ignoreQuery: ['u'] })
      app.get('/p', middleware, ({ query }, response) => void response.send(`id ${query.id as string}`))
    })
    expect((await ask(`/p?${'u=&'.repeat(1_100)}id=7`)).body).toBe('id undefined')
    expect((await ask('/p?id=7')).body).toBe('id 7')
  })

  it.each(['x-host', 'X-Original-URL', 'x-rewrite-url', 'x-forwarded-port', 'x-http-method-override'])(
    'when the page is made from %s',
    async (name) => {
      const { ask } = await serveRaw((app, cache) => {
        app.use(cache.middleware('PRODUCTS'), (request, response) => {
          response.send(`for ${String(request.headers[name.toLowerCase()])}`)
        })
      })
      expect((await ask('/p', { [name]: 'evil' })).body).toBe('for evil')
      expect((await ask('/p')).body).toBe('for undefined')
      expect((await ask('/p', { [name]: 'evil' })).headers['x-cache']).toBe('HIT')
    },
  )

  it('when a GET brings a body', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.use(cache.middleware('PRODUCTS'), (request, response) => {
        response.send(`with ${String(request.headers['content-length'])}`)
      })
    })
    expect((await ask('/p', { 'content-length': '1', connection: 'close' })).headers['x-cache']).toBe(
      'BYPASS',
    )
    expect((await ask('/p')).body).toBe('with undefined')
  })

  it('when two queries differ only in bytes that are no text', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (request, response) => void response.send(request.url))
    })
    await ask('/p?q=%ff')
    expect((await ask('/p?q=%fe')).body).toBe('/p?q=%fe')
  })

  it('when a layer above adds the session’s cookie as the headers are written', async () => {
    let visitors = 0
    const { ask } = await serveRaw((app, cache) => {
      app.use((_, response, next) => {
        const own = ++visitors
        response.locals.token = own
        onHeaders(response, () => response.setHeader('set-cookie', `session=${own}`))
        next()
      })
      app.get('/form', cache.middleware('PRODUCTS'), (_, response) => {
        response.send(`token ${String(response.locals.token)}`)
      })
    })
    expect((await ask('/form')).body).toBe('token 1')
    const second = await ask('/form')
    expect([second.body, second.headers['set-cookie']]).toEqual(['token 2', ['session=2']])
  })
})

describe('options', () => {
  it.each([
    ['ttlMs', 0],
    ['waitMs', -1],
    ['waitMs', Number.NaN],
    ['waitMs', 2 ** 31],
    ['maxBodyBytes', 1.5],
    ['browserMaxAgeS', -1],
  ])('%s of %d are refused where they are given', async (field, value) => {
    const code = field === 'ttlMs' ? 'CACHE_TTL_INVALID' : 'CACHE_OPTION_INVALID'
    await serveExpress((_, cache) => {
      expect(() => cache.middleware('PRODUCTS', { [field]: value })).toThrow(
        expect.objectContaining({ code, details: expect.objectContaining({ field }) }),
      )
    })
  })
})
