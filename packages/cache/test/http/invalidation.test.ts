import type { Request } from 'express'
import { describe, expect, it } from 'vitest'
import { INVALIDATION_GROUPS } from '../../src/index.ts'
import { counting, serveFetch } from './express-server.ts'

describe('invalidation in Express', () => {
  it('invalidates by group before the answer to the change is out, and not when it fails', async () => {
    const { handler } = counting()
    let fail = true
    const { ask } = await serveFetch((app, cache) => {
      app.get('/p', cache.middleware('PRODUCTS'), handler)
      app.put('/p', cache.invalidateMiddleware(INVALIDATION_GROUPS.PRODUCT), (_, response) => {
        response.sendStatus(fail ? 409 : 204)
      })
    })
    await ask('/p')
    await ask('/p', {}, 'PUT')
    expect((await ask('/p')).headers.get('x-cache')).toBe('HIT')
    fail = false
    await ask('/p', {}, 'PUT')
    expect((await ask('/p')).body).toBe('{"calls":2}')
  })

  it('invalidates by tag from the request', async () => {
    const { handler } = counting()
    const { ask } = await serveFetch((app, cache) => {
      const tags = (request: Request): string[] => [`product:${String(request.params.id)}`]
      app.get('/p/:id', cache.middleware<Request>('PRODUCT_DETAILS', { tags }), handler)
      app.put('/p/:id', cache.invalidateMiddleware<Request>([], { tags }), (_, response) => {
        response.sendStatus(204)
      })
    })
    await ask('/p/1')
    await ask('/p/2')
    await ask('/p/1', {}, 'PUT')
    expect((await ask('/p/1')).headers.get('x-cache')).toBe('MISS')
    expect((await ask('/p/2')).headers.get('x-cache')).toBe('HIT')
  })

  it('does not store a response that was invalidated while its handler ran', async () => {
    const reached = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const { ask, cache } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), async (_, response) => {
        reached.resolve()
        await release.promise
        response.send('read before the change')
      }),
    )
    const first = ask('/p')
    await reached.promise
    await cache.delPattern('PRODUCTS:*')
    release.resolve()
    expect((await first).body).toBe('read before the change')
    expect((await ask('/p')).headers.get('x-cache')).toBe('MISS')
  })
})
