import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { serveRaw } from './express-server.ts'

describe('requests that wait for one another', () => {
  it('go on one by one, not all at once, when the one that produced the response leaves', async () => {
    const reached = Promise.withResolvers<void>()
    let calls = 0
    const { ask, port, cache } = await serveRaw((app, cache) => {
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
    const { ask } = await serveRaw((app, cache) => {
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
    const { ask } = await serveRaw((app, cache) => {
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
