import { silentLogger } from '@millrace/core'
import { fakeClock } from '@millrace/testing'
import { expect, it, onTestFinished } from 'vitest'
import { Delivery } from '../../src/writing/delivery.ts'
import { pendingWrite } from '../../src/writing/entry.ts'
import { resolveBehindOptions, type BehindOptions, type WriteOrigin } from '../../src/writing/options.ts'
import { PendingWrites } from '../../src/writing/pending.ts'

function delivery(write: WriteOrigin, options: Partial<BehindOptions> = {}) {
  const clock = fakeClock()
  const pending = new PendingWrites()
  const behind = resolveBehindOptions({ directory: 'unused', ...options })
  const buried: string[] = []
  const calls: { at: number; ids: string[] }[] = []
  const delivers = new Delivery({
    namespace: 'n',
    journalId: 'j',
    pending,
    write: (batch, signal) => {
      calls.push({ at: clock.monotonic(), ids: batch.map(({ id }) => id) })
      return write(batch, signal)
    },
    limits: { writeTimeoutMs: 1_000, clock, logger: silentLogger, random: () => 1 },
    behind,
    arrived: () => undefined,
    superseded: () => undefined,
    buried: async (write) => {
      pending.remove(write)
      buried.push(write.id)
      return true
    },
    failed: () => undefined,
  })
  delivers.start()
  onTestFinished(() => delivers.stop(new Error('over')))
  let sequence = 0
  const add = (id: string): void => {
    pending.add(pendingWrite({ sequence: ++sequence, id, operation: 'set', value: id, at: 0, bytes: 1 }))
    delivers.wake()
  }
  return { add, calls, clock, pending, buried }
}

it('a batch leaves when it is full, or when its first entry has waited long enough', async () => {
  const { add, calls, clock } = delivery(async () => undefined, { batchSize: 3, batchMs: 50 })
  add('a')
  await clock.advance(49)
  add('b')
  expect(calls).toEqual([])
  await clock.advance(1)
  expect(calls).toEqual([{ at: 50, ids: ['a', 'b'] }])
  for (const id of ['c', 'd', 'e', 'f']) add(id)
  await clock.advance(0)
  expect(calls[1]).toEqual({ at: 50, ids: ['c', 'd', 'e'] })
  await clock.advance(50)
  expect(calls[2]).toEqual({ at: 100, ids: ['f'] })
})

it('pauses double up to their ceiling while the origin is away, and are short again after it was there', async () => {
  let away = true
  const { add, calls, clock } = delivery(
    async () => {
      if (away) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    },
    { batchMs: 0, retryBaseMs: 100, retryMaxMs: 500 },
  )
  add('a')
  await clock.advance(2_000)
  expect(calls.map(({ at }) => at)).toEqual([0, 100, 300, 700, 1_200, 1_700])
  away = false
  await clock.advance(300)
  away = true
  add('b')
  await clock.advance(150)
  expect(calls.slice(6).map(({ at, ids }) => [at, ids[0]])).toEqual([
    [2_200, 'a'],
    [2_300, 'b'],
    [2_400, 'b'],
  ])
})

it('one call at a time, each no longer than its limit; its signal is aborted', async () => {
  let open = 0
  let aborted = 0
  const { add, calls, clock } = delivery(
    (_, signal) => {
      open++
      signal.addEventListener('abort', () => {
        open--
        aborted++
      })
      return new Promise(() => undefined)
    },
    { batchMs: 0, retryBaseMs: 1, retryMaxMs: 1 },
  )
  add('a')
  await clock.advance(10)
  add('b')
  await clock.advance(5_000)
  expect(aborted).toBe(calls.length - 1)
  expect(open).toBe(1)
  expect(calls.length).toBe(6)
})

it('an entry that is declared hopeless is buried at once, the rest of its batch arrives', async () => {
  const { add, buried, calls, clock, pending } = delivery(
    async (batch) =>
      batch
        .filter(({ id }) => id === 'bad')
        .map(({ sequence }) => ({ sequence, error: new Error('no'), permanent: true })),
    { batchMs: 0 },
  )
  for (const id of ['a', 'bad', 'c']) add(id)
  await clock.advance(0)
  expect(buried).toEqual(['bad'])
  expect(calls).toHaveLength(1)
  expect(pending.entries).toBe(0)
})
