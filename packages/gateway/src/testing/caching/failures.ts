import { expect, it } from 'vitest'
import type { CachingSuitePart } from './caching-suite.ts'

const STALE_IF_ERROR = { 'cache-control': 'max-age=0, stale-if-error=60', 'content-type': 'text/plain' }

export const failuresPart: CachingSuitePart = (fixture) => {
  it('a stale answer when nothing listens any more', async () => {
    let stop = (): void => undefined
    const port = await fixture().backend(
      (_req, res) => res.writeHead(200, STALE_IF_ERROR).end('kept'),
      (server) => {
        stop = () => {
          server.close()
          server.closeAllConnections()
        }
      },
    )
    await fixture().startCaching(port, {}, { timeouts: { queueMs: 100 } })
    await fixture().ask('/')
    stop()
    for (let i = 0; i < 3; i++) {
      const stale = await fixture().ask('/')
      expect(stale).toMatchObject({ status: 200, text: 'kept' })
    }
    expect((await fixture().ask('/other')).status).toBeGreaterThanOrEqual(502)
    expect(await fixture().cacheStats()).toMatchObject({ stale: 3, error: 1 })
  })

  it('a stale answer when no backend is up', async () => {
    const port = await fixture().backend((_req, res) => res.writeHead(200, STALE_IF_ERROR).end('kept'))
    await fixture().startCaching(port, {}, { timeouts: { queueMs: 50 } })
    await fixture().ask('/')
    await fixture().engine.update({
      routes: [{ prefix: '/', pool: 'app' }],
      pools: [{ name: 'app', backends: [] }],
    })
    expect(await fixture().ask('/')).toMatchObject({ status: 200, text: 'kept' })
    expect((await fixture().ask('/other')).status).toBe(503)
  })

  it.each([500, 502, 503, 504])('a stale answer in place of a %i', async (status) => {
    let asked = 0
    await fixture().serve((_req, res) => {
      if (++asked === 1) res.writeHead(200, STALE_IF_ERROR).end('kept')
      // Larger than what is read unseen.
      else res.writeHead(status).end('x'.repeat(200_000))
    })
    await fixture().ask('/')
    expect(await fixture().ask('/')).toMatchObject({ status: 200, text: 'kept' })
    expect(asked).toBe(2)
  })

  it('a stale answer when the backend dies before its own', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      if (++asked === 1) res.writeHead(200, STALE_IF_ERROR).end('kept')
      else res.destroy()
    })
    await fixture().ask('/')
    expect(await fixture().ask('/')).toMatchObject({ status: 200, text: 'kept' })
  })

  it('the failure itself where stale answers are not allowed', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      if (++asked === 1) {
        res.writeHead(200, { 'cache-control': 'max-age=0, must-revalidate', etag: '"1"' }).end('kept')
      } else res.writeHead(503).end('down')
    })
    await fixture().ask('/')
    expect(await fixture().ask('/')).toMatchObject({ status: 503, text: 'down' })
  })

  it('a renewal that fails leaves the stale answer, and a later one renews it', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      if (asked === 2) res.destroy()
      else {
        res
          .writeHead(200, { 'cache-control': `max-age=${asked === 1 ? 0 : 60}, stale-while-revalidate=60` })
          .end(`answer ${asked}`)
      }
    })
    await fixture().ask('/')
    await expect.poll(async () => (await fixture().ask('/')).text, { timeout: 10_000 }).toBe('answer 3')
    expect(asked).toBe(3)
  })
}
