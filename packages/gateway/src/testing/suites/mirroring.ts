import { expect, it } from 'vitest'
import type { Mirror, PoolEntry } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { namedPool, whoAnswers, type Seen } from './named-pools.ts'

export const mirroringSuite: EngineSuitePart = (fixture) => {
  const start = async (shadow: PoolEntry, mirror: Partial<Mirror> = {}): Promise<Seen[]> => {
    const seen: Seen[] = []
    await fixture().start({
      routes: [{ prefix: '/', pool: 'web', mirror: { pool: shadow.name, share: 100, ...mirror } }],
      pools: [await namedPool(fixture(), 'web', seen), shadow],
    })
    return seen
  }

  it('copies requests, marked, and answers from the original only', async () => {
    const copies: Seen[] = []
    const seen = await start(await namedPool(fixture(), 'shadow', copies))
    expect(await whoAnswers(fixture(), '/a?b', { headers: { 'x-own': '1', 'x-millrace-mirror': '0' } })).toBe(
      'web',
    )
    await eventually(() => copies.length === 1, 'a copy')
    expect(copies[0]).toMatchObject({
      url: '/a?b',
      method: 'GET',
      headers: { 'x-own': '1', 'x-millrace-mirror': '1' },
    })
    expect(seen[0]!.headers['x-millrace-mirror']).toBeUndefined()
    expect(copies[0]!.headers['x-request-id']).toBe(seen[0]!.headers['x-request-id'])
  })

  it('only what changes nothing, unless told; bodies up to a size', async () => {
    const copies: Seen[] = []
    await start(await namedPool(fixture(), 'shadow', copies), {
      methods: ['PUT', 'GET'],
      maxBodyBytes: 1_000,
    })
    expect(await whoAnswers(fixture(), '/', { method: 'POST', body: 'x' })).toBe('web')
    expect(await whoAnswers(fixture(), '/', { method: 'PUT', body: 'y'.repeat(1_001) })).toBe('web')
    expect(await whoAnswers(fixture(), '/', { method: 'PUT', body: 'z'.repeat(1_000) })).toBe('web')
    expect(await whoAnswers(fixture(), '/')).toBe('web')
    await eventually(() => copies.length === 2, 'two copies')
    expect(copies.map(({ method, body }) => `${method} ${body.length}`).sort()).toEqual(['GET 0', 'PUT 1000'])
    await fixture().engine.close()
    expect(copies).toHaveLength(2)
  })

  it('by default no method that may change something', async () => {
    const copies: Seen[] = []
    await start(await namedPool(fixture(), 'shadow', copies))
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'GET'])
      expect(await whoAnswers(fixture(), '/', { method })).toBe('web')
    await eventually(() => copies.length > 0, 'a copy')
    expect(copies.map(({ method }) => method)).toEqual(['GET'])
  })

  it('a pool that hangs, fails or is not there neither delays nor fails anything', async () => {
    const hanging = await namedPool(fixture(), 'shadow', [], () => undefined)
    const seen = await start(hanging)
    const begun = performance.now()
    for (let i = 0; i < 100; i++) expect(await whoAnswers(fixture(), '/')).toBe('web')
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(seen).toHaveLength(100)
    const { pools } = await fixture().engine.stats()
    const shadow = pools.find(({ name }) => name === 'shadow')!
    // Copies at the same time are limited; the rest is not made.
    expect(shadow.backends[0]!.inFlight).toBeLessThanOrEqual(64)
  })

  it('a share of the requests', async () => {
    const copies: Seen[] = []
    await start(await namedPool(fixture(), 'shadow', copies), { share: 30 })
    const agent = fixture().agent()
    for (let i = 0; i < 300; i++) await fixture().ask('/', { agent })
    await eventually(() => copies.length > 55, 'copies')
    expect(copies.length).toBeLessThan(125)
  })
}
