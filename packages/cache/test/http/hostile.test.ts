import { request as send, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type express from 'express'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serveExpress } from './express-server.ts'

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends what `fetch` would not: any Host, any path as it stands. */
async function serve(build: Parameters<typeof serveExpress>[0]) {
  const served = await serveExpress(build)
  const { port } = served
  const ask = (path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = send({ host: '127.0.0.1', port, path, headers: { host: 'shop.example', ...headers } })
      call.once('error', reject)
      call.once('response', (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => (body += text))
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      })
      call.end()
    })
  return { ...served, ask }
}

/** A layer that changes headers when they are written, as express-session, compression and `on-headers` do. */
function onHeaders(response: ServerResponse, change: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
  let changed = false
  response.writeHead = ((...args: unknown[]) => {
    if (!changed) {
      changed = true
      change()
    }
    return writeHead(...args)
  }) as ServerResponse['writeHead']
}

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
        const { ask } = await serve((app, cache) => {
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
    const { ask } = await serve((app, cache) => {
      app.use(cache.middleware('PRODUCTS'), (request, response) => void response.send(request.url))
    })
    await ask('/b', { host: 'shop.example/a' })
    expect((await ask('/a/b')).body).toBe('/a/b')
  })

  it('when a key of the caller’s own looks like one made for an identity or a page', async () => {
    const { ask } = await serve((app, cache) => {
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
    const { ask } = await serve((app, cache) => {
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

  it('when parameters that are ignored push another one beyond what the application reads', async () => {
    const { ask } = await serve((app, cache) => {
      app.set('query parser', 'extended')
      const middleware = cache.middleware('PRODUCTS', { ignoreQuery: ['u'] })
      app.get('/p', middleware, ({ query }, response) => void response.send(`id ${query.id as string}`))
    })
    expect((await ask(`/p?${'u=&'.repeat(1_100)}id=7`)).body).toBe('id undefined')
    expect((await ask('/p?id=7')).body).toBe('id 7')
  })

  it('when two queries differ only in bytes that are no text', async () => {
    const { ask } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (request, response) => void response.send(request.url))
    })
    await ask('/p?q=%ff')
    expect((await ask('/p?q=%fe')).body).toBe('/p?q=%fe')
  })

  it('when a layer above adds the session’s cookie as the headers are written', async () => {
    let visitors = 0
    const { ask } = await serve((app, cache) => {
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

describe('what is stored is what the handler sent', () => {
  it('when a layer above encodes a body that is written in pieces', async () => {
    const { ask } = await serve((app, cache) => {
      app.use((_, response, next) => {
        onHeaders(response, () => {
          if (!response.hasHeader('content-encoding')) response.setHeader('content-encoding', 'x-none')
        })
        next()
      })
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => {
        response.write('one ')
        response.end('two')
      })
    })
    await ask('/p')
    const stored = await ask('/p')
    expect([stored.headers['x-cache'], stored.body]).toEqual(['HIT', 'one two'])
    // Added anew by the layer above, not replayed to it: it would take the body for encoded already.
    expect(stored.headers['content-encoding']).toBe('x-none')
  })

  it('lets a list of headers given to writeHead replace those set before', async () => {
    const { ask } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => {
        response.setHeader('content-type', 'text/plain')
        response.writeHead(200, ['Content-Type', 'text/html', 'X-Two', 'a', 'X-Two', 'b'])
        response.end('x')
      })
    })
    expect((await ask('/p')).headers).toMatchObject({ 'content-type': 'text/html', 'x-two': 'a, b' })
    expect((await ask('/p')).headers).toMatchObject({ 'content-type': 'text/html', 'x-two': 'a, b' })
  })

  it('and not less: a body shorter than its Content-Length is not stored (RFC 9111, 3.3)', async () => {
    let calls = 0
    const { ask } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => {
        calls++
        response.setHeader('content-length', calls === 1 ? 10 : 5)
        response.end('hello')
        if (calls === 1) response.destroy()
      })
    })
    await expect(ask('/p')).rejects.toThrow('aborted')
    expect((await ask('/p')).body).toBe('hello')
    expect(calls).toBe(2)
  })

  it('not longer than its Expires says, less the Age it came with', async () => {
    const { ask, clock } = await serve((app, cache) => {
      const middleware = cache.middleware('PRODUCTS')
      app.get('/expired', middleware, (_, response) => void response.set('expires', '0').send('x'))
      app.get('/soon', middleware, (_, response) => {
        response.set('expires', new Date(clock.now() + 5_000).toUTCString()).send('x')
      })
      app.get('/old', middleware, (_, response) => {
        response.set({ 'cache-control': 'max-age=60', age: '50' }).send('x')
      })
    })
    for (const path of ['/expired', '/soon', '/old']) await ask(path)
    expect((await ask('/expired')).headers['x-cache']).toBe('BYPASS')
    expect((await ask('/soon')).headers['x-cache']).toBe('HIT')
    expect((await ask('/old')).headers).toMatchObject({ 'x-cache': 'HIT', age: '50' })
    await clock.advance(10_000)
    expect((await ask('/soon')).headers['x-cache']).not.toBe('HIT')
    expect((await ask('/old')).headers['x-cache']).toBe('MISS')
  })
})

describe('entries', () => {
  it('of the library under the same name are not taken for responses', async () => {
    const { ask, cache } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => void response.send('page'))
    })
    for (const value of ['text', { body: 'a post' }, { vary: ['x'] }, null, 7]) {
      await cache.set('PRODUCTS', 'GET shop.example/p', value)
      expect(await ask('/p')).toMatchObject({ status: 200, body: 'page' })
    }
  })

  it('of every variant are gone when the page is deleted', async () => {
    let state = 'old'
    const { ask, cache } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => void response.vary('x-theme').send(state))
    })
    const page = (theme: string): Promise<Answer> => ask('/p', { 'x-theme': theme })
    await page('dark')
    await page('light')
    state = 'new'
    await cache.delete('PRODUCTS', 'GET shop.example/p')
    expect((await page('dark')).body).toBe('new')
    expect((await page('light')).body).toBe('new')
  })

  it('of a variant that was being made when the page was deleted are not kept', async () => {
    const reached = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    let state = 'old'
    const { ask, cache } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), async (request, response) => {
        const seen = state
        if (request.headers['x-theme'] === 'light' && seen === 'old') {
          reached.resolve()
          await release.promise
        }
        response.vary('x-theme').send(seen)
      })
    })
    await ask('/p', { 'x-theme': 'dark' })
    const held = ask('/p', { 'x-theme': 'light' })
    await reached.promise
    state = 'new'
    await cache.delete('PRODUCTS', 'GET shop.example/p')
    release.resolve()
    expect((await held).body).toBe('old')
    expect((await ask('/p', { 'x-theme': 'light' })).body).toBe('new')
  })

  it('hold no more memory than their bodies', async () => {
    const { ask, cache } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => void response.send('small'))
    })
    await ask('/p')
    const { body } = cache.peek<{ body: Buffer }>('PRODUCTS', 'GET shop.example/p')!
    expect(body.buffer.byteLength).toBe(5)
  })
})

describe('requests that wait for one another', () => {
  it('go on one by one, not all at once, when the one that produced the response leaves', async () => {
    const reached = Promise.withResolvers<void>()
    let calls = 0
    const { ask, port, cache } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => {
        calls++
        reached.resolve()
        if (calls > 1) setImmediate(() => response.send('second'))
      })
    })
    const leaving = new AbortController()
    const first = fetch(`http://127.0.0.1:${port}/p`, { signal: leaving.signal }).catch(() => 'gone')
    await reached.promise
    const host = `127.0.0.1:${port}`
    const others = Array.from({ length: 50 }, () => ask('/p', { host }))
    const waiting = (): number => cache.stats().namespaces.find(({ name }) => name === 'PRODUCTS')!.misses
    // Answered after those before it were received.
    await ask('/missing', { host })
    leaving.abort()
    await first
    const bodies = (await Promise.all(others)).map(({ body }) => body)
    expect(new Set(bodies)).toEqual(new Set(['second']))
    expect([calls, waiting()]).toEqual([2, 2])
  })

  it('do not, once it is known that the response is too large to be stored', async () => {
    let calls = 0
    const held: ServerResponse[] = []
    const { ask } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS', { maxBodyBytes: 10 }), (_, response) => {
        held.push(response)
        if (++calls === 1 || calls === 4) for (const each of held.splice(0)) each.end('x'.repeat(11))
      })
    })
    await ask('/p')
    // All three must reach the handler, or it would never answer.
    await Promise.all([ask('/p'), ask('/p'), ask('/p')])
    expect(calls).toBe(4)
  })

  it('do not when they are for different variants', async () => {
    const held = new Map<string, ServerResponse>()
    const { ask } = await serve((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), (request, response) => {
        const theme = String(request.headers['x-theme'])
        response.vary('x-theme')
        if (theme === 'first') response.send(theme)
        else held.set(theme, response)
        if (held.size === 2) for (const [name, each] of held) each.end(name)
      })
    })
    await ask('/p', { 'x-theme': 'first' })
    const both = await Promise.all(['dark', 'light'].map((theme) => ask('/p', { 'x-theme': theme })))
    expect(both.map(({ body }) => body)).toEqual(['dark', 'light'])
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
