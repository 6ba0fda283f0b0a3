import { waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/index.ts'

describe('systemClock', () => {
  it('tells the time and never goes back', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(50)
    const first = systemClock.monotonic()
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first)
  })

  it('sleeps as long as asked', async () => {
    const start = systemClock.monotonic()
    await systemClock.sleep(20)
    expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(19)
  })

  it('wakes with the reason when aborted, before or during the sleep', async () => {
    const controller = new AbortController()
    const sleeping = systemClock.sleep(60_000, controller.signal)
    controller.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('enough')
  })

  it('repeats until stopped', async () => {
    let ticks = 0
    const stop = systemClock.every(1, () => void ticks++)
    await waitFor(() => ticks >= 3)
    stop()
    const after = ticks
    await systemClock.sleep(15)
    expect(ticks).toBe(after)
  })
})
