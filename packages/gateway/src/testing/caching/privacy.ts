import { expect, it } from 'vitest'
import type { Answer } from '../fixture.ts'
import type { CachingSuitePart } from './caching-suite.ts'

/** Of a generator with a fixed seed (mulberry32), so that a failure can be had again. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** None of them says that a response is for everybody. */
const PERSONAL = [
  '',
  'max-age=60',
  'private, max-age=60',
  'no-store',
  'no-cache',
  'max-age=0, stale-while-revalidate=60',
  'max-age=60, stale-if-error=60',
  'max-age=60, immutable',
]
const PATHS = ['/account', '/cart', '/']
const USERS = ['', 'ann', 'bob', 'eve']

export const privacyPart: CachingSuitePart = (fixture) => {
  it.each(['authorization', 'cookie'])(
    'whoever shows who they are with %s, whatever the application says',
    async (credential) => {
      const pick = random(credential.length)
      const policies = new Map<string, string>()
      await fixture().serve((req, res) => {
        const control = policies.get(req.url!) ?? ''
        const user = String(req.headers[credential] ?? '')
        const etag = `"${user}"`
        const headers = { ...(control === '' ? {} : { 'cache-control': control }), etag }
        if (req.headers['if-none-match'] === etag) res.writeHead(304, headers).end()
        else
          res
            .writeHead(200, { ...headers, 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' })
            .end(`for ${user}`)
      })
      const agent = fixture().agent()
      for (let round = 0; round < 60; round++) {
        for (const path of PATHS) policies.set(path, PERSONAL[pick(PERSONAL.length)]!)
        const asked = Array.from({ length: 8 }, async (): Promise<[string, Answer]> => {
          const user = USERS[pick(USERS.length)]!
          const headers = user === '' ? {} : { [credential]: user }
          return [user, await fixture().ask(PATHS[pick(PATHS.length)]!, { agent, headers })]
        })
        for (const [user, { text, headers }] of await Promise.all(asked)) {
          expect(`${text} ${headers.etag}`).toBe(`for ${user} "${user}"`)
        }
      }
      // Otherwise the test would say nothing: those without a name share.
      expect((await fixture().cacheStats()).hit).toBeGreaterThan(0)
    },
  )

  it('a cookie that is set, even in a response for everybody', async () => {
    let sessions = 0
    await fixture().serve((_req, res) => {
      res
        .writeHead(200, { 'cache-control': 'public, s-maxage=60', 'set-cookie': `session=${++sessions}` })
        .end('page')
    })
    const seen: string[] = []
    for (let i = 0; i < 20; i++) seen.push(...((await fixture().ask('/')).headers['set-cookie'] ?? []))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe(sessions)
  })

  it('what is stored for everybody is for those with a name only when it says so', async () => {
    await fixture().serve((req, res) => {
      const control = req.url === '/shared' ? 'public, max-age=60' : 'max-age=60'
      res.writeHead(200, { 'cache-control': control }).end(String(req.headers.cookie))
    })
    for (const path of ['/shared', '/plain']) await fixture().ask(path)
    const ask = (path: string) => fixture().ask(path, { headers: { cookie: 'user=ann' } })
    expect((await ask('/shared')).text).toBe('undefined')
    expect((await ask('/plain')).text).toBe('user=ann')
  })
}
