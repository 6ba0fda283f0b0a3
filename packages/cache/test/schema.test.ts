import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { createCache, type TypedNamespace } from '../src/index.ts'
import { setUp } from './set-up.ts'
import { setUpSharing } from './shared/set-up.ts'

const User = z.object({ name: z.string(), age: z.number() })
const namespaces = { users: { ttlMs: 60_000, schema: User } }

describe('namespaces typed by a schema', () => {
  it('gives values the type of the schema', async () => {
    const cache = createCache({ namespaces: { ...namespaces, plain: { ttlMs: 1_000 } } })
    const users = cache.namespace('users')
    expectTypeOf(users).toEqualTypeOf<TypedNamespace<{ name: string; age: number }>>()
    expectTypeOf(cache.namespace('plain')).toEqualTypeOf<TypedNamespace<unknown>>()
    await users.set('1', { name: 'Ada', age: 36 })
    expect(await users.get('1')).toEqual({ name: 'Ada', age: 36 })
    expect(users.getSync('1')).toEqual({ name: 'Ada', age: 36 })
    await users.setMany([['2', { name: 'Bob', age: 1 }]])
    expect([...(await users.getMany(['1', '2'])).keys()]).toEqual(['1', '2'])
    expect(await users.getOrSet('3', async () => undefined)).toBeUndefined()
    expect(await users.delete('1')).toBe(true)
    await users.clear()
    expect(await users.get('2')).toBeUndefined()
    await cache.close()
  })

  it('refuses to store anything else, and says where it is wrong', async () => {
    const { cache } = setUp({ namespaces })
    const wrong = { name: 'Ada', age: 'old' }
    await expect(cache.set('users', '1', wrong)).rejects.toMatchObject({
      code: 'CACHE_VALUE_INVALID',
      status: 400,
      message: expect.stringContaining('age: '),
    })
    expect(() => cache.setSync('users', '1', wrong)).toThrow(
      expect.objectContaining({ code: 'CACHE_VALUE_INVALID' }),
    )
    await expect(cache.setMany('users', [['1', wrong]])).rejects.toMatchObject({
      code: 'CACHE_VALUE_INVALID',
    })
    await expect(cache.getOrSet('users', '1', async () => wrong)).rejects.toMatchObject({
      code: 'CACHE_VALUE_INVALID',
    })
    expect(cache.stats().entries).toBe(0)
  })

  it('takes an asynchronous schema where there is time for it', async () => {
    const schema = z.string().refine(async (text) => text.length > 2)
    const { cache } = setUp({ namespaces: { n: { ttlMs: 1_000, schema } } })
    await cache.set('n', 'k', 'long')
    await expect(cache.set('n', 'k', 'x')).rejects.toMatchObject({ code: 'CACHE_VALUE_INVALID' })
    expect(() => cache.setSync('n', 'k', 'long')).toThrow('takes `set`')
  })

  it('misses what another version of the application stored in another shape', async () => {
    const { join } = setUpSharing()
    const [old, current] = [await join(), await join({ namespaces })]
    await old.cache.set('users', '1', { fullName: 'Ada' })
    expect(await current.cache.get('users', '1')).toBeUndefined()
    const loaded = await current.cache.getOrSet('users', '1', async () => ({ name: 'Ada', age: 36 }))
    expect(loaded).toEqual({ name: 'Ada', age: 36 })
    expect(current.metric('shared_errors_total', { reason: 'corrupt' })).toBeGreaterThan(0)
  })

  it.each([
    ['staleIfErrorMs', { staleIfErrorMs: -1 }],
    ['negativeTtlMs', { negativeTtlMs: NaN }],
    ['loaderTimeoutMs', { loaderTimeoutMs: 0 }],
    ['tiers', { tiers: 'disk' as 'memory' }],
  ])('refuses a wrong %s, of a namespace and in a call', async (field, wrong) => {
    const error = { code: 'CACHE_OPTION_INVALID', message: expect.stringContaining(field) }
    expect(() => createCache({ namespaces: { n: { ttlMs: 1_000, ...wrong } } })).toThrow(
      expect.objectContaining(error),
    )
    const { cache } = setUp()
    await expect(cache.set('n', 'k', 1, wrong)).rejects.toMatchObject(error)
    await expect(cache.getOrSet('n', 'k', async () => 1, wrong)).rejects.toMatchObject(error)
  })

  it('shares that there is nothing, for which the schema need not provide', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join({ namespaces }), await join({ namespaces })]
    for (const [id, nothing] of Object.entries({ 1: undefined, 2: null })) {
      expect(await a.cache.getOrSet('users', id, async () => nothing)).toBe(nothing)
      let loads = 0
      expect(await b.cache.getOrSet('users', id, async () => (loads++, nothing))).toBe(nothing)
      expect(loads).toBe(0)
    }
    expect(b.metric('shared_errors_total')).toBe(0)
  })
})
