import { expect, it } from 'vitest'
import type { StickySessions } from '../../drivers/driver.ts'
import { onePool } from '../fixture.ts'
import type { CachingSuitePart } from './caching-suite.ts'

const STICKY: StickySessions = {
  kind: 'cookie',
  cookieName: 'lb-session',
  maxAgeMs: 3_600_000,
  secret: 'a secret of enough characters',
}

/** Sticky sessions and the cache know nothing of each other. */
export const sessionsPart: CachingSuitePart = (fixture) => {
  const serve = async (control: string): Promise<() => number> => {
    let asked = 0
    const port = await fixture().backend((req, res) => {
      asked++
      res.writeHead(200, { 'cache-control': control }).end(`cookie: ${req.headers.cookie}`)
    })
    const { routes, pools } = onePool(port)
    await fixture().startCaching(port)
    await fixture().engine.update({ routes, pools: pools.map((pool) => ({ ...pool, sticky: STICKY })) })
    return () => asked
  }
  const session = async (): Promise<string> => {
    const { headers } = await fixture().ask('/session', { method: 'POST' })
    return headers['set-cookie']![0]!.split(';')[0]!
  }

  it('a session’s cookie makes no request personal, and is in no stored response', async () => {
    const asked = await serve('max-age=60')
    const cookie = await session()
    const before = asked()
    for (const sent of [cookie, undefined, 'lb-session=forged', cookie]) {
      const answer = await fixture().ask('/page', sent === undefined ? {} : { headers: { cookie: sent } })
      expect(answer.text).toBe('cookie: undefined')
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(asked()).toBe(before + 1)
    expect((await fixture().cacheStats()).hit).toBe(3)
  })

  it('what is not stored sets it, and what is personal stays so', async () => {
    const asked = await serve('no-store')
    const cookie = await session()
    expect((await fixture().ask('/page')).headers['set-cookie']).toHaveLength(1)
    const answer = await fixture().ask('/page', { headers: { cookie: `${cookie}; user=ann` } })
    expect(answer.text).toBe('cookie: user=ann')
    expect(asked()).toBe(3)
  })
}
