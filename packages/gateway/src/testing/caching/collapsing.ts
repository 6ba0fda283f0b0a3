import { expect, it } from 'vitest'
import { eventually } from '../fixture.ts'
import type { CachingSuitePart } from './caching-suite.ts'

const CACHEABLE = { 'cache-control': 'max-age=60', 'content-type': 'text/plain' }

export const collapsingPart: CachingSuitePart = (fixture) => {
  it('for 200 visitors who come at once', async () => {
    let asked = 0
    const released = Promise.withResolvers<void>()
    await fixture().serve(async (_req, res) => {
      asked++
      await released.promise
      res.writeHead(200, CACHEABLE).end('answer')
    })
    const answers = Array.from({ length: 200 }, () => fixture().ask('/', { timeoutMs: 10_000 }))
    await expect.poll(async () => (await fixture().engine.stats()).inFlight, { timeout: 10_000 }).toBe(200)
    released.resolve()
    for (const { status, text } of await Promise.all(answers)) {
      expect(`${status} ${text}`).toBe('200 answer')
    }
    expect(asked).toBe(1)
    expect(await fixture().cacheStats()).toMatchObject({ hit: 199, miss: 1 })
  })

  it('a visitor who leaves hands over to one who waits', async () => {
    let asked = 0
    const released = Promise.withResolvers<void>()
    await fixture().serve(async (_req, res) => {
      asked++
      if (asked > 1) await released.promise
      if (asked > 1) res.writeHead(200, CACHEABLE).end('answer')
    })
    const leaving = await fixture().connect()
    leaving.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually(() => asked === 1, 'the first request at the backend')
    const waiting = Array.from({ length: 5 }, () => fixture().ask('/', { headers: { host: 'x' } }))
    await expect.poll(async () => (await fixture().engine.stats()).inFlight, { timeout: 10_000 }).toBe(6)
    leaving.destroy()
    await eventually(() => asked === 2, 'another one in its place')
    released.resolve()
    for (const { text } of await Promise.all(waiting)) expect(text).toBe('answer')
    expect(asked).toBe(2)
  })

  it('stale to everybody while one request renews it', async () => {
    let asked = 0
    const released = Promise.withResolvers<void>()
    await fixture().serve(async (_req, res) => {
      asked++
      const headers = {
        ...CACHEABLE,
        'cache-control': `max-age=${asked > 1 ? 60 : 0}, stale-while-revalidate=60`,
      }
      if (asked > 1) await released.promise
      res.writeHead(200, headers).end(`answer ${asked}`)
    })
    await fixture().ask('/')
    for (let i = 0; i < 5; i++) {
      const stale = await fixture().ask('/')
      expect(stale.text).toBe('answer 1')
    }
    await eventually(() => asked === 2, 'the renewal')
    released.resolve()
    await expect.poll(async () => (await fixture().ask('/')).text, { timeout: 10_000 }).toBe('answer 2')
    expect(asked).toBe(2)
    expect(await fixture().cacheStats()).toMatchObject({ renewals: 1 })
  })

  it('renewals beyond their limit are left to later requests', async () => {
    let asked = 0
    await fixture().serve(
      (_req, res) => {
        asked++
        res.writeHead(200, { 'cache-control': 'max-age=0, stale-while-revalidate=60' }).end('x')
      },
      {},
      { cache: { unattended: 0 } },
    )
    for (let i = 0; i < 3; i++) expect((await fixture().ask('/')).text).toBe('x')
    expect(asked).toBe(1)
    expect(await fixture().cacheStats()).toMatchObject({ stale: 2, renewals: 0 })
  })
}
