import { describe, expect, it } from 'vitest'
import { gate } from '../set-up.ts'
import { altered, setUpSharing } from './set-up.ts'

describe('reading through two tiers', () => {
  it('finds in the shared tier what another process loaded, and keeps it in memory', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join(), await join()]
    expect(await a.cache.getOrSet('n', 'k', async () => ({ name: 'mill' }))).toEqual({ name: 'mill' })
    let loads = 0
    const load = async () => {
      loads++
      return { name: 'other' }
    }
    expect(await b.cache.getOrSet('n', 'k', load)).toEqual({ name: 'mill' })
    expect(loads).toBe(0)
    expect(b.cache.peek('n', 'k')).toEqual({ name: 'mill' })
    expect(b.metric('hits_total', { tier: 'shared' })).toBe(1)
    expect(await b.cache.get('n', 'k')).toEqual({ name: 'mill' })
    expect(b.metric('hits_total', { tier: 'memory' })).toBe(1)
  })

  it('gives get what another process set, with what is left of its time', async () => {
    const { join, clock } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'v', { ttlMs: 1_000 })
    await clock.advance(600)
    expect(await b.cache.get('n', 'k')).toBe('v')
    expect(b.cache.entry('n', 'k')).toMatchObject({ remainingMs: 400 })
    await clock.advance(400)
    expect(await b.cache.get('n', 'k')).toBeUndefined()
    expect(b.metric('misses_total')).toBe(1)
  })

  it('replaces in every process what is set anew', async () => {
    const { join, heard } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 1)
    expect(await b.cache.get('n', 'k')).toBe(1)
    await b.cache.set('n', 'k', 2)
    await heard()
    expect(b.cache.peek('n', 'k')).toBe(2)
    expect(a.cache.peek('n', 'k')).toBeUndefined()
    expect(await a.cache.get('n', 'k')).toBe(2)
  })

  it('keeps in memory the last of several values that are set at once', async () => {
    const { join, heard } = setUpSharing()
    const [a, b] = [await join(), await join()]
    for (const value of [1, 2, 3]) a.cache.setSync('n', 'k', value)
    await Promise.all([a.cache.set('n', 'l', 1), a.cache.set('n', 'l', 2)])
    await heard()
    expect(a.cache.getSync('n', 'k')).toBe(3)
    expect(a.cache.getSync('n', 'l')).toBe(2)
    expect(await b.cache.getMany('n', ['k', 'l'])).toEqual(new Map(Object.entries({ k: 3, l: 2 })))
  })

  it('reads many in one round trip and writes many in two', async () => {
    const calls: string[] = []
    const { join } = setUpSharing((store) =>
      altered(store, {
        read: (...args) => (calls.push('read'), store.read(...args)),
        write: (...args) => (calls.push('write'), store.write(...args)),
        invalidate: (...args) => (calls.push('invalidate'), store.invalidate(...args)),
        stamps: (...args) => (calls.push('stamps'), store.stamps(...args)),
      }),
    )
    const [a, b] = [await join(), await join()]
    await a.cache.setMany(
      'n',
      Array.from({ length: 50 }, (_, i) => [String(i), i] as const),
    )
    expect(calls.splice(0)).toEqual(['invalidate', 'write'])
    const found = await b.cache.getMany('n', ['0', '49', 'x'])
    expect(found).toEqual(new Map([['0', 0], ['49', 49]])) // prettier-ignore
    expect(calls.splice(0)).toEqual(['read'])
    await b.cache.getMany('n', ['0', '49'])
    expect(calls).toEqual([])
  })

  it('puts the reads of one turn, with their stamps, into one command', async () => {
    let reads = 0
    let further = 0
    const { join } = setUpSharing((store) =>
      altered(store, {
        read: (...args) => (reads++, store.read(...args)),
        stamps: (...args) => (further++, store.stamps(...args)),
      }),
    )
    const [a, b, c] = [await join(), await join(), await join()]
    for (let i = 0; i < 20; i++) await a.cache.set('n', String(i), i, { tags: ['t', `t${i}`] })
    reads = 0
    const ids = Array.from({ length: 20 }, (_, i) => String(i))
    expect(await Promise.all(ids.map((id) => b.cache.get('n', id)))).toEqual(ids.map(Number))
    expect(reads).toBe(1)
    // Which tags the values carry was not known before: one command more, for all of them.
    expect(further).toBe(1)
    await a.cache.invalidateTags(['t7'])
    expect((await c.cache.getMany('n', ids)).size).toBe(19)
    expect([reads, further]).toEqual([2, 2])
  })

  it('shares one look-up among concurrent reads of one key', async () => {
    const keys: string[] = []
    const { join } = setUpSharing((store) =>
      altered(store, { read: (asked, names) => (keys.push(...asked), store.read(asked, names)) }),
    )
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'v')
    expect(await Promise.all([b.cache.get('n', 'k'), b.cache.get('n', 'k')])).toEqual(['v', 'v'])
    expect(keys).toEqual(['n:k'])
  })

  it('brings back every kind of value', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join(), await join()]
    const date = new Date(0)
    const values = [
      undefined, null, false, 0, -0, NaN, 1n, '', 'ä\u{1F600}', '\ud800', { a: [1, { b: null }] }, { a: undefined },
      [1, undefined], date, new Map([[1, new Set(['x'])]]), Buffer.from([0, 255]), new Uint8Array([1, 2]), /x/g,
      Object.assign([1], { extra: true }), { __proto__: null, a: 1 },
    ] // prettier-ignore
    for (const [i, value] of values.entries()) {
      await a.cache.set('n', String(i), value)
      const read = await b.cache.getOrSet('n', String(i), async () => 'loaded')
      expect(read).toStrictEqual(i === values.length - 1 ? { a: 1 } : value)
    }
  })

  it('keeps an entry in the tier that its namespace or call names', async () => {
    const { join, store } = setUpSharing()
    const namespaces = { m: { ttlMs: 1_000, tiers: 'memory' }, s: { ttlMs: 1_000, tiers: 'shared' } } as const
    const [a, b] = [await join({ namespaces }), await join({ namespaces })]
    await a.cache.set('m', 'k', 1)
    await a.cache.getOrSet('m', 'l', async () => 1)
    await a.cache.set('s', 'k', 2)
    await a.cache.getOrSet('s', 'l', async () => 2)
    expect([a.cache.has('m', 'k'), a.cache.has('s', 'k'), a.cache.has('s', 'l')]).toEqual([
      true,
      false,
      false,
    ])
    expect([await b.cache.get('m', 'k'), await b.cache.get('s', 'k'), await b.cache.get('s', 'l')]).toEqual([
      undefined,
      2,
      2,
    ])
    store.disconnect()
    expect(await a.cache.get('m', 'l')).toBe(1)
  })

  it('measures each operation of the shared tier', async () => {
    const { join } = setUpSharing()
    const { cache, metric } = await join()
    await cache.set('n', 'k', 'v')
    await cache.get('n', 'other')
    await cache.invalidateTags(['t'])
    const count = (operation: string): number =>
      metric('operation_duration_seconds', { tier: 'shared', operation })
    expect([count('get'), count('set'), count('invalidate')]).toEqual([1, 1, 2])
  })

  it('does not send what is larger than a record may be', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join({ maxSharedBytes: 10_000, compression: 'off' }), await join()]
    await a.cache.set('n', 'k', 'x'.repeat(20_000))
    expect(a.cache.has('n', 'k')).toBe(true)
    expect(await b.cache.get('n', 'k')).toBeUndefined()
  })
})

describe('invalidating in two tiers', () => {
  it.each([
    ['delete', 'delete'],
    ['tag', 'tag'],
    ['tag of the namespace', 'namespace tag'],
    ['pattern', 'n:k*'],
    ['pattern of a whole namespace', 'n:*'],
    ['pattern of everything', '*'],
    ['clear of the namespace', 'clear n'],
    ['clear', 'clear'],
  ])('reaches the shared tier and the memory of every process: %s', async (_, how) => {
    const { join, heard } = setUpSharing()
    const namespaces = { n: { ttlMs: 60_000, tags: ['all'] } }
    const [a, b, c] = [await join({ namespaces }), await join({ namespaces }), await join({ namespaces })]
    await a.cache.set('n', 'k1', 'old', { tags: ['t'] })
    expect(await b.cache.get('n', 'k1')).toBe('old')
    if (how === 'delete') await a.cache.delete('n', 'k1')
    else if (how === 'tag') await a.cache.invalidateTags(['t', 'other'])
    else if (how === 'namespace tag') await a.cache.invalidateTags(['all'])
    else if (how === 'clear n') await a.cache.clear('n')
    else if (how === 'clear') await a.cache.clear()
    else await a.cache.delPattern(how)
    await heard()
    expect(a.cache.peek('n', 'k1')).toBeUndefined()
    expect(b.cache.peek('n', 'k1')).toBeUndefined()
    expect(await c.cache.get('n', 'k1')).toBeUndefined()
    expect(await b.cache.getOrSet('n', 'k1', async () => 'new')).toBe('new')
    expect(await a.cache.get('n', 'k1')).toBe('new')
  })

  it('recognises what a pattern matches before it is removed', async () => {
    const { join, heard } = setUpSharing((store) => altered(store, { sweep: async () => 0 }))
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k1', 'old')
    await a.cache.set('n', 'other', 'kept')
    await b.cache.delPattern('n:k?')
    await heard()
    expect(await a.cache.get('n', 'k1')).toBeUndefined()
    expect(await b.cache.get('n', 'k1')).toBeUndefined()
    expect(await b.cache.get('n', 'other')).toBe('kept')
    await a.cache.set('n', 'k1', 'new')
    expect(await b.cache.get('n', 'k1')).toBe('new')
  })

  it('recognises it too in a process that began later', async () => {
    const { join, heard } = setUpSharing((store) => altered(store, { sweep: async () => 0 }))
    const [a, b] = [await join(), await join()]
    await a.cache.setMany('n', [
      ['k1', 'old'],
      ['k2', 'old'],
      ['other', 'kept'],
    ])
    await a.cache.delPattern('n:k?')
    await a.cache.close()
    const late = await join()
    expect(await late.cache.getMany('n', ['k1', 'k2', 'other'])).toEqual(new Map([['other', 'kept']]))
    await b.cache.set('n', 'k2', 'new')
    await heard()
    expect(await late.cache.get('n', 'k2')).toBe('new')
  })

  const ways: [string, (cache: Awaited<ReturnType<ReturnType<typeof setUpSharing>['join']>>['cache']) => Promise<unknown>][] = [
    ['delete', (cache) => cache.delete('n', 'k')],
    ['tag', (cache) => cache.invalidateTags(['t'])],
    ['pattern', (cache) => cache.delPattern('n:?')],
    ['clear of the namespace', (cache) => cache.clear('n')],
    ['clear', (cache) => cache.clear()],
  ] // prettier-ignore
  it.each(ways)('is not lost while another process loads: %s', async (_, invalidate) => {
    const { join, heard } = setUpSharing()
    const [a, b, c] = [await join(), await join(), await join()]
    const started = gate<void>()
    const first = gate<string>()
    const early = a.cache.getOrSet('n', 'k', () => (started.resolve(), first.promise), { tags: ['t'] })
    await started.promise
    await invalidate(b.cache)
    await heard()
    // Neither in the process that loads nor in another one does anybody wait for what is outdated.
    expect(await c.cache.getOrSet('n', 'k', async () => 'new', { tags: ['t'] })).toBe('new')
    first.resolve('old')
    expect(await early).toBe('old')
    for (const { cache } of [a, b, c]) expect(await cache.get('n', 'k')).toBe('new')
  })

  // Only what the store itself remembers counts here; a pattern lives by its notice and its sweep.
  it.each(ways.filter(([how]) => how !== 'pattern'))(
    'is not lost when no notice arrives: %s',
    async (_, invalidate) => {
      const { join } = setUpSharing((store) => altered(store, { follow: async () => async () => undefined }))
      const [a, b, c] = [await join(), await join(), await join()]
      const started = gate<void>()
      const { promise, resolve } = gate<string>()
      const early = a.cache.getOrSet('n', 'k', () => (started.resolve(), promise), { tags: ['t'] })
      await started.promise
      await invalidate(b.cache)
      resolve('old')
      await early
      expect(await c.cache.get('n', 'k')).toBeUndefined()
      expect(await b.cache.get('n', 'k')).toBeUndefined()
    },
  )

  it('does not keep what was read from the shared tier before that one knew', async () => {
    const held = gate<void>()
    let hold = false
    const { join } = setUpSharing((store) =>
      altered(store, {
        invalidate: async (what) => {
          if (hold) await held.promise
          return store.invalidate(what)
        },
      }),
    )
    const a = await join()
    await a.cache.set('n', 'k', 'old')
    hold = true
    const deleted = a.cache.delete('n', 'k')
    // Still there: the delete is on its way.
    expect(await a.cache.get('n', 'k')).toBe('old')
    held.resolve()
    await deleted
    expect(await a.cache.get('n', 'k')).toBeUndefined()
  })
})
