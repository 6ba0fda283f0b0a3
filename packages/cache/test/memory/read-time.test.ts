import { systemClock } from '@millrace/core'
import { fakeClock, waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { ReadTime } from '../../src/memory/read-time.ts'

describe('ReadTime', () => {
  it('looks at the system’s clock anew in every turn of the event loop', async () => {
    const time = new ReadTime(systemClock)
    const first = time.now()
    expect(time.now()).toBe(first)
    await waitFor(() => time.now() > first, { intervalMs: 2 })
    expect(Math.abs(time.now() - systemClock.monotonic())).toBeLessThan(1_000)
  })

  it('does not stand still in a loop that never yields', () => {
    const time = new ReadTime(systemClock)
    const first = time.now()
    let reads = 0
    while (time.now() === first && reads < 1_000_000) reads++
    expect(reads).toBeLessThan(1_000_000)
  })

  it('asks any other clock each time', async () => {
    const clock = fakeClock()
    const time = new ReadTime(clock)
    expect(time.now()).toBe(0)
    await clock.advance(5)
    expect(time.now()).toBe(5)
  })
})
