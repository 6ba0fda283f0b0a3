import { readdirSync, readFileSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { MetricRegistry } from '@millrace/core/metrics'
import { waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/index.ts'
import { encodeRecord, encodeSequences, RECORD_KINDS } from '../../src/writing/journal/record.ts'
import type { WriteOrigin } from '../../src/writing/options.ts'
import { createWriter } from '../../src/writing/writer.ts'
import { behind, origin, temporaryFolder } from './set-up.ts'

describe('what an origin says of a batch', () => {
  it('counts, although it names what failed as text, as databases return large numbers', async () => {
    const rows = new Map<string, unknown>()
    let refusals = 0
    const write: WriteOrigin = async (batch) => {
      const failures: unknown[] = []
      for (const { id, value, sequence } of batch) {
        if (id === 'b' && refusals++ < 2) failures.push({ sequence: String(sequence), error: 'not now' })
        else rows.set(id, value)
      }
      return failures as []
    }
    const { writer } = await behind({ write })
    await Promise.all(['a', 'b', 'c'].map((id) => writer.set(id, id)))
    expect(await writer.flush()).toBe(true)
    expect([...rows.keys()].sort()).toEqual(['a', 'b', 'c'])
    expect(refusals).toBe(3)
  })

  it('counts for nothing when it names something else', async () => {
    let asked = 0
    const write: WriteOrigin = async () => (asked++ < 3 ? [{ sequence: 1, error: 'which?' }] : [])
    const { writer } = await behind({ write })
    await writer.set('a', 1)
    expect(await writer.flush()).toBe(true)
    expect(asked).toBe(4)
  })

  it('is nothing when it only returns rows', async () => {
    const write: WriteOrigin = async (batch) =>
      batch.map(({ sequence }) => ({ sequence: String(sequence), error: null })) as unknown as []
    const { writer } = await behind({ write })
    await writer.set('a', 1)
    expect(await writer.flush()).toBe(true)
    expect(writer.deadLetters()).toEqual([])
  })
})

describe('an entry with which the origin hangs', () => {
  it.each(['CACHE_WRITE_TIMEOUT', 'ECONNRESET'])(
    'keeps no other from arriving, and is reported: %s',
    async (code) => {
      const { write: take, rows } = origin()
      const write: WriteOrigin = async (batch, signal) => {
        if (batch.some(({ id }) => id === 'stuck')) throw Object.assign(new Error('no answer'), { code })
        await take(batch, signal)
      }
      const { writer } = await behind({ write, maxAttempts: 3 })
      const ids = Array.from({ length: 20 }, (_, i) => `${i}`)
      await Promise.all(['stuck', ...ids].map((id) => writer.set(id, id)))
      await waitFor(() => rows.size === 20)
      let more = 0
      await waitFor(async () => {
        await writer.set(`more ${++more}`, more)
        return writer.deadLetters().length === 1
      })
      expect(writer.deadLetters()[0]!.id).toBe('stuck')
      expect(await writer.flush()).toBe(true)
      expect(rows.size).toBe(20 + more)
    },
  )

  it('is not given up for an origin that is away for everything, again and again', async () => {
    const self = origin()
    const { writer } = await behind({ write: (batch, signal) => self.write(batch, signal), maxAttempts: 2 })
    for (let outage = 0; outage < 6; outage++) {
      self.fails = Object.assign(new Error('away'), { code: 'ECONNRESET' })
      await Promise.all(Array.from({ length: 5 }, (_, i) => writer.set(`${outage} ${i}`, i)))
      const before = self.batches.length
      await waitFor(() => self.batches.length > before + 40)
      self.fails = undefined
      expect(await writer.flush()).toBe(true)
    }
    expect(writer.deadLetters()).toEqual([])
    expect(self.rows.size).toBe(30)
  })
})

describe('a record that a crash cut off', () => {
  it('does not make a write of what a user wrote into a value', async () => {
    const forged = encodeRecord({
      kind: RECORD_KINDS.entry,
      sequence: 1,
      payload: serialize(['admin', 'set', 0, 'mallory']),
    })
    const settled = encodeRecord({ kind: RECORD_KINDS.settled, sequence: 2, payload: encodeSequences([2]) })
    const value = Buffer.concat([forged, settled, Buffer.alloc(10_000)]).toString('latin1')
    const away = async () => {
      throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    }
    const { writer, directory } = await behind({ write: away })
    await writer.set('mine', value)
    await writer.close({ deadlineMs: 0 })
    const [file] = readdirSync(directory).filter((name) => name.endsWith('.journal'))
    const path = join(directory, file!)
    const bytes = readFileSync(path)
    expect(bytes.includes(forged)).toBe(true)
    truncateSync(path, bytes.length - 2_000)
    const self = origin()
    const next = await behind({ write: (batch, signal) => self.write(batch, signal), directory })
    await next.writer.set('other', 1)
    expect(await next.writer.flush()).toBe(true)
    expect([...self.rows.keys()]).toEqual(['other'])
  })
})

describe('closing', () => {
  it('delivers what was on its way into the journal at that moment', async () => {
    const self = origin()
    const { writer } = await behind({ write: (batch, signal) => self.write(batch, signal) })
    const writes = ['a', 'b', 'c'].map((id) => writer.set(id, id))
    const closed = writer.close()
    await Promise.all(writes)
    expect(await closed).toEqual({ pending: 0 })
    expect([...self.rows.keys()]).toEqual(['a', 'b', 'c'])
  })
})

describe('dead letters', () => {
  it('that cannot be read are not replaced by none', async () => {
    const directory = temporaryFolder()
    symlinkSync('dead-letters', join(directory, 'dead-letters'))
    const opening = behind({ write: async () => undefined, directory })
    await expect(opening).rejects.toMatchObject({
      code: 'CACHE_JOURNAL_UNWRITABLE',
      details: { reason: 'ELOOP' },
    })
  })

  it('are retried once, although asked for twice', async () => {
    const self = origin()
    self.poison.add('bad')
    const { writer } = await behind({ write: (batch, signal) => self.write(batch, signal), maxAttempts: 2 })
    await writer.set('bad', 1)
    let more = 0
    await waitFor(async () => {
      await writer.set(`more ${++more}`, more)
      return writer.deadLetters().length === 1
    })
    await writer.flush()
    self.poison.clear()
    const { sequence } = writer.deadLetters()[0]!
    expect(await Promise.all([writer.retry(sequence), writer.retry(sequence)])).toEqual([true, false])
    expect(await writer.flush()).toBe(true)
    expect(
      self.batches.flat().filter((entry) => entry.sequence === sequence && self.rows.has('bad')),
    ).not.toEqual([])
    expect(writer.stats()).toMatchObject({ pending: 0, pendingBytes: 0, deadLetters: 0 })
  })
})

describe('the cache', () => {
  it.each(['behind', 'through'] as const)('never keeps what was before a write: %s', async (strategy) => {
    const cache = createCache({ registry: new MetricRegistry(), maxEntryBytes: 2_000 })
    const writer = await createWriter<unknown>(cache, 'n', {
      strategy,
      write: async () => undefined,
      behind: { directory: temporaryFolder(), batchMs: 0 },
    })
    await writer.set('a', 'before')
    await writer.set('a', Number.NaN)
    await writer.flush()
    expect(await writer.get('a')).toBeNaN()
    await writer.set('a', 'x'.repeat(100_000)).catch(() => undefined)
    await writer.flush()
    expect(await writer.get('a')).not.toBeNaN()
    await writer.close()
  })
})
