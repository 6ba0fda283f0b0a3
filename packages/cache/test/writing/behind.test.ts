import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { waitFor } from '@millrace/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryStore } from '../../src/drivers/memory.ts'
import { createCache } from '../../src/index.ts'
import { behind, origin, temporaryFolder } from './set-up.ts'

describe('write-behind', () => {
  it('acknowledges at once, fills the cache, and delivers in batches', async () => {
    const store = origin()
    const { writer, cache, metric } = await behind({ write: store.write, batchSize: 10 })
    await Promise.all(Array.from({ length: 25 }, (_, index) => writer.set(`k${index}`, { index })))
    expect(await cache.get('n', 'k3')).toEqual({ index: 3 })
    expect(await writer.flush()).toBe(true)
    expect(store.rows.get('k24')).toEqual({ index: 24 })
    expect(store.rows.size).toBe(25)
    expect(Math.max(...store.batches.map((batch) => batch.length))).toBeLessThanOrEqual(10)
    expect(metric('acknowledged')).toBe(25)
    expect(metric('delivered')).toBe(25)
    expect(writer.stats()).toMatchObject({ pending: 0, pendingBytes: 0, oldestAgeMs: 0 })
  })

  it('writes the last value of a key once, and keeps the order while one is under way', async () => {
    const store = origin()
    const gate = Promise.withResolvers<void>()
    store.gate = gate.promise
    const { writer, metric } = await behind({ write: store.write })
    await writer.set('a', 1)
    await waitFor(() => store.batches.length === 1)
    for (let value = 2; value <= 50; value++) await writer.set('a', value)
    expect(store.batches).toHaveLength(1)
    gate.resolve()
    await writer.flush()
    expect(store.batches.map((batch) => batch.map(({ value }) => value))).toEqual([[1], [50]])
    expect(metric('coalesced')).toBe(48)
  })

  it('carries deletions, and answers reads with what is pending whatever the cache dropped', async () => {
    const store = origin()
    store.rows.set('gone', 'old')
    const gate = Promise.withResolvers<void>()
    store.gate = gate.promise
    const { writer, cache } = await behind({ write: store.write })
    await writer.set('a', 'new')
    await writer.delete('gone')
    await cache.clear()
    expect(await writer.get('a')).toBe('new')
    expect(await writer.getOrSet('a', async () => 'from the origin')).toBe('new')
    expect(await writer.getOrSet('gone', async () => store.rows.get('gone'))).toBeUndefined()
    gate.resolve()
    await writer.flush()
    expect(store.rows.has('gone')).toBe(false)
    expect(await writer.getOrSet('b', async () => 'from the origin')).toBe('from the origin')
  })

  it('slows a producer down, then refuses, and goes on when there is room', async () => {
    const store = origin()
    const gate = Promise.withResolvers<void>()
    store.gate = gate.promise
    const { writer, metric } = await behind({ write: store.write, maxEntries: 3, fullTimeoutMs: 20 })
    for (const id of ['a', 'b', 'c']) await writer.set(id, 1)
    await expect(writer.set('d', 1)).rejects.toMatchObject({ code: 'CACHE_WRITE_QUEUE_FULL', status: 503 })
    expect(await writer.get('d')).toBeUndefined()
    const waiting = writer.set('e', 1)
    gate.resolve()
    await waiting
    await writer.flush()
    expect([...store.rows.keys()].sort()).toEqual(['a', 'b', 'c', 'e'])
    expect(metric('refused')).toBe(1)
  })

  it.each([
    ['the result of a query', { rowCount: 1, rows: [] }],
    ['the rows it returned', [{ id: 'a', sequence: 1 }, null]],
    ['nothing', undefined],
  ])('takes it for a success when the origin returns %s', async (_, result) => {
    const { writer, metric } = await behind({ write: async () => result as undefined })
    await writer.set('a', 1)
    expect(await writer.flush()).toBe(true)
    expect(metric('delivered')).toBe(1)
  })

  it('repeats what an origin that hangs has perhaps taken, with the same token', async () => {
    const seen: string[] = []
    const { writer } = await behind({
      writeTimeoutMs: 20,
      write: (batch, signal) => {
        seen.push(...batch.map(({ token, attempt }) => `${token} ${attempt}`))
        if (seen.length > 1) return Promise.resolve()
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('too late'))),
        )
      },
    })
    await writer.set('a', 1)
    expect(await writer.flush()).toBe(true)
    const [first, second] = seen.map((text) => text.split(' '))
    expect(second?.[0]).toBe(first?.[0])
    expect([first?.[1], second?.[1]]).toEqual(['1', '2'])
  })

  it('does not need the shared tier, whatever happens to it', async () => {
    const shared = createMemoryStore()
    const cache = createCache({ shared: shared.driver(), registry: new MetricRegistry() })
    onTestFinished(() => cache.close())
    await cache.ready()
    const store = origin()
    const { writer } = await behind({ write: store.write, cache })
    shared.disconnect()
    await writer.set('a', 1)
    await writer.delete('b')
    expect(await writer.get('a')).toBe(1)
    expect(await writer.flush()).toBe(true)
    expect(store.rows.get('a')).toBe(1)
  })

  it('waits out an origin that is away, however long, and gives nothing up', async () => {
    const store = origin()
    store.fails = Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    const { writer } = await behind({ write: store.write, maxAttempts: 2 })
    for (let index = 0; index < 20; index++) await writer.set(`k${index}`, index)
    await waitFor(() => store.batches.length > 10)
    expect(writer.deadLetters()).toEqual([])
    expect(writer.stats()?.lastError).toBe('away')
    expect(await writer.flush({ deadlineMs: 1 })).toBe(false)
    store.fails = undefined
    expect(await writer.flush()).toBe(true)
    expect(store.rows.size).toBe(20)
  })

  it('also when its errors do not say so', async () => {
    const store = origin()
    store.fails = new Error('something with the disk')
    const { writer } = await behind({ write: store.write, maxAttempts: 2 })
    for (let index = 0; index < 20; index++) await writer.set(`k${index}`, index)
    await waitFor(() => store.batches.length > 60)
    expect(writer.deadLetters()).toEqual([])
    store.fails = undefined
    expect(await writer.flush()).toBe(true)
    expect(store.rows.size).toBe(20)
  })

  it('finds the entry that poisons its batch, keeps it, and brings it on request', async () => {
    const store = origin()
    store.poison.add('k7')
    const { writer, metric, reopen } = await behind({ write: store.write, maxAttempts: 3 })
    await Promise.all(Array.from({ length: 20 }, (_, index) => writer.set(`k${index}`, index)))
    // Others go on arriving, which is what tells a bad entry from a bad origin.
    await waitFor(async () => {
      await writer.set('heartbeat', Math.random())
      return writer.deadLetters().length === 1
    })
    await writer.flush()
    expect(store.rows.size).toBe(20)
    expect(writer.deadLetters()).toMatchObject([{ id: 'k7', value: 7, error: 'refused by a constraint' }])
    expect(metric('dead')).toBe(1)
    await writer.close()

    const next = await reopen()
    const [letter] = next.deadLetters()
    store.poison.clear()
    expect(await next.retry(letter!.sequence)).toBe(true)
    await next.flush()
    expect(store.rows.get('k7')).toBe(7)
    expect(next.deadLetters()).toEqual([])
    expect(await next.retry(letter!.sequence)).toBe(false)
  })

  it('believes an origin that names what failed, for good or for now', async () => {
    const seen: string[] = []
    let times = 0
    const { writer } = await behind({
      write: async (batch) => {
        seen.push(...batch.map(({ id }) => id))
        return batch.flatMap(({ id, sequence }) => {
          if (id === 'never') return [{ sequence, error: new Error('no such user'), permanent: true }]
          return id === 'later' && times++ < 2 ? [{ sequence, error: new Error('locked') }] : []
        })
      },
    })
    await Promise.all(['a', 'never', 'later'].map((id) => writer.set(id, id)))
    expect(await writer.flush()).toBe(true)
    expect(writer.deadLetters().map(({ id }) => id)).toEqual(['never'])
    expect(seen.filter((id) => id === 'later')).toHaveLength(3)
    expect(seen.filter((id) => id === 'a')).toHaveLength(1)
    expect(await writer.discard(writer.deadLetters()[0]!.sequence)).toBe(true)
    expect(writer.deadLetters()).toEqual([])
  })
})

describe('what a process leaves', () => {
  it('is nothing after an orderly end: the next one repeats nothing', async () => {
    const store = origin()
    const { writer, reopen } = await behind({ write: store.write })
    await writer.set('a', 1)
    expect(await writer.close()).toEqual({ pending: 0 })
    await expect(writer.set('b', 1)).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    const delivered = store.batches.length
    const next = await reopen()
    expect(next.stats()?.pending).toBe(0)
    await next.set('c', 1)
    await next.flush()
    expect(
      store.batches
        .slice(delivered)
        .flat()
        .map(({ id }) => id),
    ).toEqual(['c'])
  })

  it('is delivered by the next one, with the same tokens, and then what others cached is dropped', async () => {
    const store = origin()
    store.fails = Object.assign(new Error('away'), { code: 'ECONNRESET' })
    const { writer, cache, reopen } = await behind({ write: store.write })
    await writer.set('a', 1)
    await writer.set('a', 2)
    await writer.set('b', new Map([[1, new Date(0)]]))
    const handedOver = () => store.batches.flat().find(({ id, value }) => id === 'a' && value === 2)
    await waitFor(() => handedOver() !== undefined)
    const { token } = handedOver()!
    expect(await writer.close({ deadlineMs: 1 })).toEqual({ pending: 2 })

    await cache.set('n', 'a', 'cached meanwhile from the origin')
    store.fails = undefined
    store.batches = []
    const next = await reopen()
    expect(await next.get('a')).toBe(2)
    expect(await next.flush()).toBe(true)
    expect(store.rows).toEqual(
      new Map<string, unknown>([
        ['a', 2],
        ['b', new Map([[1, new Date(0)]])],
      ]),
    )
    expect(store.batches.flat().findLast(({ id }) => id === 'a')!.token).toBe(token)
    await waitFor(() => !cache.has('n', 'a'))
  })

  it('keeps every other process out of its folder while it lives', async () => {
    const { writer, reopen } = await behind({ write: origin().write })
    await expect(reopen()).rejects.toMatchObject({ code: 'CACHE_JOURNAL_LOCKED', status: 409 })
    await writer.close()
    await (await reopen()).set('a', 1)
  })

  it('is delivered but for what a disk damaged, which is said', async () => {
    const store = origin()
    store.fails = Object.assign(new Error('away'), { code: 'ECONNRESET' })
    const { writer, directory, reopen } = await behind({ write: store.write })
    for (const id of ['a', 'b', 'c']) await writer.set(id, `value of ${id}`)
    await writer.close({ deadlineMs: 0 })
    const file = join(
      directory,
      readdirSync(directory).find((name) => name.endsWith('.journal'))!,
    )
    const bytes = readFileSync(file)
    bytes[bytes.indexOf('value of b')]! ^= 1
    writeFileSync(file, bytes)
    store.fails = undefined
    const next = await reopen()
    await next.flush()
    expect([...store.rows.keys()]).toEqual(['a', 'c'])
    expect(next.stats()?.damagedBytes).toBeGreaterThan(20)
  })

  it('goes on with higher numbers although the clock was set back', async () => {
    const store = origin()
    let now = Date.now()
    const { writer, reopen } = await behind({ write: store.write, clock: { ...systemClock, now: () => now } })
    await writer.set('a', 1)
    await writer.close()
    now -= 3_600_000
    const next = await reopen()
    await next.set('a', 2)
    await next.flush()
    const [first, second] = store.batches.flat().map(({ sequence }) => sequence)
    expect(second).toBeGreaterThan(first!)
  })

  it('stays small: files go when what they hold has arrived', async () => {
    const store = origin()
    const { writer, directory } = await behind({ write: store.write, segmentBytes: 2_000 })
    for (let index = 0; index < 200; index++) await writer.set(`k${index % 7}`, 'x'.repeat(100))
    await writer.flush()
    const files = (): number => readdirSync(directory).filter((name) => name.endsWith('.journal')).length
    await waitFor(async () => {
      await writer.set('a', 1)
      await writer.flush()
      return files() <= 2
    })
    expect(writer.stats()).toMatchObject({ pending: 0, journalFiles: files() })
  })

  it('copies one old entry forward that would keep many files', async () => {
    const store = origin()
    store.poison.add('stuck')
    const { writer, directory } = await behind({
      write: store.write,
      segmentBytes: 2_000,
      maxAttempts: 1_000_000,
      durability: 'process',
    })
    await writer.set('stuck', 'value')
    for (let index = 0; index < 400; index++) await writer.set(`k${index}`, 'x'.repeat(100))
    await waitFor(() => (writer.stats()?.pending ?? 0) === 1)
    for (let index = 0; index < 100; index++) await writer.set(`m${index}`, 'x'.repeat(100))
    expect(writer.stats()?.journalFiles).toBeLessThan(12)
    // As a crash leaves it.
    const copy = temporaryFolder()
    cpSync(directory, copy, { recursive: true, filter: (file) => !file.includes('lock.') })
    store.poison.clear()
    const after = origin()
    const next = await behind({ write: after.write, directory: copy })
    await next.writer.flush()
    expect(after.rows.get('stuck')).toBe('value')
  })
})

describe('bad input', () => {
  it.each([
    ['a function', 'k', () => 1, 'CACHE_VALUE_NOT_SERIALISABLE'],
    ['a function inside', 'k', { deep: [{ f: () => 1 }] }, 'CACHE_VALUE_NOT_SERIALISABLE'],
    ['a key too long', 'k'.repeat(1_025), 1, 'CACHE_KEY_TOO_LONG'],
  ])('is refused before anything is written: %s', async (_, id, value, code) => {
    const { writer } = await behind({ write: origin().write })
    await expect(writer.set(id, value)).rejects.toMatchObject({ code })
    expect(writer.stats()?.pending).toBe(0)
  })

  it('of a folder that cannot be one is told by its path', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expect(behind({ write: origin().write, directory: join(file, 'journal') })).rejects.toMatchObject({
      code: 'CACHE_JOURNAL_UNWRITABLE',
      details: { file: join(file, 'journal'), reason: 'ENOTDIR' },
    })
  })

  it.each([
    [{ directory: '' }, 'behind.directory'],
    [{ batchSize: 0 }, 'behind.batchSize'],
    [{ maxEntries: 0.5 }, 'behind.maxEntries'],
    [{ durability: 'maybe' as 'disk' }, 'behind.durability'],
  ])('of options names the field: %j', async (options, field) => {
    await expect(behind({ write: origin().write, ...options })).rejects.toMatchObject({
      code: 'CACHE_OPTION_INVALID',
      details: { field },
    })
  })
})
