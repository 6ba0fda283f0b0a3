import { fakeClock, waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { WorkQueue } from '../../src/server/work-queue.ts'

function setUp(options: { concurrency?: number; maxQueued?: number; maxWaitMs?: number } = {}) {
  const clock = fakeClock()
  const queue = new WorkQueue({ concurrency: 2, maxQueued: 3, maxWaitMs: 1_000, clock, ...options })
  const held: PromiseWithResolvers<string>[] = []
  const add = (signal?: AbortSignal): Promise<string> =>
    queue.run(() => {
      const gate = Promise.withResolvers<string>()
      held.push(gate)
      return gate.promise
    }, signal)
  return { queue, clock, held, add }
}

describe('the work queue', () => {
  it('runs no more at once than allowed, first come, first served', async () => {
    const { queue, held, add } = setUp()
    const all = [add(), add(), add(), add()]
    expect([queue.active, queue.queued, held.length]).toEqual([2, 2, 2])
    held[0]!.resolve('first')
    expect(await all[0]).toBe('first')
    await waitFor(() => held.length === 3)
    expect([queue.active, queue.queued]).toEqual([2, 1])
    held[1]!.reject(new Error('failed'))
    await expect(all[1]).rejects.toThrow('failed')
    await waitFor(() => held.length === 4)
    held[2]!.resolve('third')
    expect(await all[2]).toBe('third')
    held[3]!.resolve('fourth')
    expect(await all[3]).toBe('fourth')
    expect([queue.active, queue.queued]).toEqual([0, 0])
  })

  it('refuses what would wait in too long a line, and says when to come back', async () => {
    const { held, add } = setUp()
    const accepted = [add(), add(), add(), add(), add()]
    await expect(add()).rejects.toMatchObject({
      code: 'ASSETS_BUSY',
      status: 503,
      details: { retryAfterS: 1 },
    })
    for (let i = 0; i < accepted.length; i++) {
      const gate = await waitFor(() => held[i])
      gate.resolve('')
      await accepted[i]
    }
  })

  it('refuses what has waited too long', async () => {
    const { queue, clock, held, add } = setUp()
    const running = [add(), add()]
    const waiting = add()
    const settled = Promise.allSettled([waiting])
    await clock.advance(1_000)
    expect((await settled)[0]).toMatchObject({ reason: { code: 'ASSETS_BUSY' } })
    expect(queue.queued).toBe(0)
    for (const gate of held) gate.resolve('')
    await Promise.all(running)
    expect([queue.active, clock.pending]).toEqual([0, 0])
  })

  it('forgets who has gone', async () => {
    const { queue, held, add } = setUp()
    const running = [add(), add()]
    const controller = new AbortController()
    const waiting = add(controller.signal)
    controller.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    expect(queue.queued).toBe(0)
    for (const gate of held) gate.resolve('')
    await Promise.all(running)
    expect(held).toHaveLength(2)
  })
})
