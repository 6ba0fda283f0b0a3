import { describe, expect, it } from 'vitest'
import { numbered, proxy, type OriginAnswer } from './proxy.ts'

const MINUTE = { 'cache-control': 'max-age=60' }
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('requests for the same response', () => {
  it('send one to the origin', async () => {
    const release = Promise.withResolvers<void>()
    const { visit, calls } = await proxy(async () => {
      await release.promise
      return { headers: MINUTE, body: 'once' }
    })
    const all = Array.from({ length: 100 }, () => visit('/p'))
    await turns()
    expect(calls()).toBe(1)
    release.resolve()
    const answers = await Promise.all(all)
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['once']))
    expect(answers[1]!.fields['cache-status']).toBe('millrace; hit; ttl=60; collapsed')
    expect(calls()).toBe(1)
  })

  it('go on all at once when it turns out that the response cannot be stored, and do not wait again for a while', async () => {
    const holds: PromiseWithResolvers<OriginAnswer>[] = []
    const { visit, calls, clock } = await proxy(() => {
      const hold = Promise.withResolvers<OriginAnswer>()
      holds.push(hold)
      return hold.promise
    })
    const refused = { headers: { 'cache-control': 'private' }, body: 'own' }
    const first = Array.from({ length: 5 }, () => visit('/p'))
    await turns()
    expect(calls()).toBe(1)
    holds[0]!.resolve(refused)
    await turns()
    expect(calls()).toBe(5)
    const later = visit('/p')
    await turns()
    expect(calls()).toBe(6)
    for (const hold of holds) hold.resolve(refused)
    await Promise.all([...first, later])
    await clock.advance(10_001)
    const after = [visit('/p'), visit('/p')]
    await turns()
    expect(calls()).toBe(7)
    holds[6]!.resolve({ headers: MINUTE, body: 'for all' })
    expect((await Promise.all(after)).map(({ body }) => body)).toEqual(['for all', 'for all'])
  })

  it('with cookies do not make those without wait for nothing', async () => {
    const holds: PromiseWithResolvers<OriginAnswer>[] = []
    const { visit, calls } = await proxy(() => {
      const hold = Promise.withResolvers<OriginAnswer>()
      holds.push(hold)
      return hold.promise
    })
    const personal = { headers: { cookie: 'a=1' } }
    const first = visit('/p', personal)
    await turns()
    holds[0]!.resolve({ headers: MINUTE, body: 'own' })
    await first
    // It is known now that nothing is stored for them: they do not wait for one another.
    const two = [visit('/p', personal), visit('/p', personal)]
    await turns()
    expect(calls()).toBe(3)
    for (const hold of holds) hold.resolve({ headers: MINUTE, body: 'own' })
    await Promise.all(two)
    const others = [visit('/p'), visit('/p')]
    await turns()
    expect(calls()).toBe(4)
    holds[3]!.resolve({ headers: MINUTE, body: 'for all' })
    expect((await Promise.all(others)).map(({ body }) => body)).toEqual(['for all', 'for all'])
  })

  it('wait no longer than they may', async () => {
    const { visit, calls, clock } = await proxy(
      ({ count }) =>
        count === 1 ? new Promise<OriginAnswer>(() => undefined) : { headers: MINUTE, body: 'second' },
      { waitMs: 1_000 },
    )
    void visit('/p')
    const second = visit('/p')
    await clock.advance(999)
    expect(calls()).toBe(1)
    await clock.advance(1)
    expect((await second).body).toBe('second')
  })

  it('let one of them take the place of the one that failed', async () => {
    const release = Promise.withResolvers<void>()
    const { visit, calls } = await proxy(async ({ count }) => {
      if (count > 1) return { headers: MINUTE, body: 'second' }
      await release.promise
      return { dies: 'before' }
    })
    const all = Array.from({ length: 10 }, () => visit('/p'))
    await turns()
    release.resolve()
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([
      502,
      ...Array.from({ length: 9 }, () => 200),
    ])
    expect(calls()).toBe(2)
  })

  it('that only confirm what is stored share that, too', async () => {
    const release = Promise.withResolvers<void>()
    const { visit, calls, clock } = await proxy(async ({ fields }) => {
      if (fields['if-none-match'] === undefined) return { headers: { ...MINUTE, etag: '"a"' }, body: 'x' }
      await release.promise
      return { status: 304, headers: { ...MINUTE, etag: '"a"' } }
    })
    await visit('/p')
    await clock.advance(61_000)
    const all = Array.from({ length: 10 }, () => visit('/p'))
    await turns()
    release.resolve()
    expect((await Promise.all(all)).map(({ body }) => body)).toEqual(Array.from({ length: 10 }, () => 'x'))
    expect(calls()).toBe(2)
  })

  it('are for one method, host, scheme and target', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE))
    await Promise.all([
      visit('/p'),
      visit('/p', { scheme: 'http' }),
      visit('/p', { host: 'other.example' }),
      visit('/p?'),
      visit('/P'),
      visit('/p', { method: 'OPTIONS' }),
    ])
    expect(calls()).toBe(6)
  })
})
