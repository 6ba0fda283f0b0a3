import { describe, expect, it } from 'vitest'
import { fakeClock } from '../src/index.ts'

describe('fakeClock', () => {
  it('fires sleeps in order of their time, with the time they asked for', async () => {
    const clock = fakeClock({ now: 1_000 })
    const log: string[] = []
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms)
      log.push(`${name}@${clock.now()}`)
    }
    const all = Promise.all([sleeper('b', 20), sleeper('a', 10), sleeper('c', 20)])
    await clock.advance(15)
    expect(log).toEqual(['a@1010'])
    await clock.advance(5)
    await all
    expect(log).toEqual(['a@1010', 'b@1020', 'c@1020'])
    expect(clock.monotonic()).toBe(20)
    expect(clock.pending).toBe(0)
  })

  it('lets what a timer wakes set further timers within one advance', async () => {
    const clock = fakeClock()
    let turns = 0
    const loop = async (): Promise<void> => {
      while (turns < 5) {
        await clock.sleep(10)
        turns++
      }
    }
    const done = loop()
    await clock.advance(50)
    await done
    expect(turns).toBe(5)
  })

  it('repeats until stopped', async () => {
    const clock = fakeClock()
    let ticks = 0
    const stop = clock.every(10, () => {
      ticks++
    })
    await clock.advance(35)
    expect(ticks).toBe(3)
    stop()
    await clock.advance(100)
    expect(ticks).toBe(3)
    expect(clock.pending).toBe(0)
  })

  it('rejects an aborted sleep and forgets its timer', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const sleeping = clock.sleep(10, controller.signal)
    controller.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow('enough')
    expect(clock.pending).toBe(0)
  })

  it('jumps the wall clock only', () => {
    const clock = fakeClock({ now: 5_000 })
    clock.jump(-2_000)
    expect(clock.now()).toBe(3_000)
    expect(clock.monotonic()).toBe(0)
  })
})
