import { fakeClock } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { Room } from '../../src/writing/room.ts'

const room = (options: Partial<ConstructorParameters<typeof Room>[0]> = {}) => {
  const clock = fakeClock()
  const limits = { namespace: 'n', maxEntries: 2, maxBytes: 100, fullTimeoutMs: 1_000, clock, ...options }
  return { room: new Room(limits), clock }
}

describe('the room of a queue', () => {
  it('is given in turn, by entries and by bytes', async () => {
    const { room: queue } = room()
    await queue.take(60)
    const order: string[] = []
    const large = queue.take(60).then(() => order.push('large'))
    const small = queue.take(10).then(() => order.push('small'))
    await Promise.resolve()
    expect(order).toEqual([])
    queue.give(60)
    await Promise.all([large, small])
    expect(order).toEqual(['large', 'small'])
  })

  it('is refused after the time said, and nobody behind waits longer for that', async () => {
    const { room: queue, clock } = room()
    await queue.take(90)
    const large = Promise.allSettled([queue.take(50)])
    await clock.advance(500)
    const small = queue.take(5)
    await clock.advance(500)
    expect((await large)[0]).toMatchObject({
      reason: { code: 'CACHE_WRITE_QUEUE_FULL', details: { entries: 1, bytes: 90, waitedMs: 1_000 } },
    })
    await small
    expect(clock.pending).toBe(0)
  })

  it('lets one in that is larger than all of it, alone', async () => {
    const { room: queue } = room({ fullTimeoutMs: 0 })
    await queue.take(1_000)
    await expect(queue.take(1)).rejects.toMatchObject({ code: 'CACHE_WRITE_QUEUE_FULL' })
    queue.give(1_000)
    await queue.take(1)
  })

  it('has no more who wait than fit into it', async () => {
    const { room: queue } = room()
    await queue.take(1)
    await queue.take(1)
    const waiting = Promise.allSettled([queue.take(1), queue.take(1)])
    await expect(queue.take(1)).rejects.toMatchObject({ code: 'CACHE_WRITE_QUEUE_FULL' })
    queue.close(new Error('closed'))
    expect(await waiting).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
  })
})
