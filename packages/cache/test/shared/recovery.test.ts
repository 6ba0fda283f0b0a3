import { fakeClock } from '@millrace/testing'
import { expect, it } from 'vitest'
import { Recovery } from '../../src/shared/recovery.ts'

it('tries at once, then after growing pauses, until it succeeds', async () => {
  const clock = fakeClock()
  const at: number[] = []
  const recovery = new Recovery(clock, new AbortController().signal, async () => {
    at.push(clock.monotonic())
    return at.length === 4
  })
  recovery.start(true)
  await clock.advance(60_000)
  expect(at).toHaveLength(4)
  const pauses = at.slice(1).map((time, i) => time - at[i]!)
  for (const [i, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(500 * 2 ** i)
    expect(pause).toBeLessThanOrEqual(1_000 * 2 ** i)
  }
  expect(clock.pending).toBe(0)
})

it('does not forget what came up while an attempt was ending', async () => {
  const clock = fakeClock()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  let attempts = 0
  const recovery = new Recovery(clock, new AbortController().signal, () =>
    attempts++ === 0 ? promise : Promise.resolve(true),
  )
  recovery.start(true)
  recovery.start(true)
  resolve(true)
  await clock.advance(0)
  expect(attempts).toBe(2)
})

it('ends with its signal', async () => {
  const clock = fakeClock()
  const closed = new AbortController()
  let attempts = 0
  const recovery = new Recovery(clock, closed.signal, async () => (attempts++, false))
  recovery.start(true)
  await clock.advance(0)
  closed.abort(new Error('closed'))
  await clock.advance(60_000)
  recovery.start(true)
  expect([attempts, clock.pending]).toEqual([1, 0])
})
