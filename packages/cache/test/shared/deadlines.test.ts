import { fakeClock } from '@millrace/testing'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Deadlines } from '../../src/shared/deadlines.ts'

it('calls each that was not ended, at its time, with one timer', async () => {
  const limits = fc.array(
    fc.record({
      pauseMs: fc.integer({ min: 0, max: 20 }),
      ms: fc.integer({ min: 1, max: 60 }),
      endedAfterMs: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined }),
    }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(limits, async (planned) => {
      const clock = fakeClock()
      const closed = new AbortController()
      const deadlines = new Deadlines(clock, closed.signal)
      const passed: (readonly [index: number, at: number])[] = []
      const expected: (readonly [index: number, at: number])[] = []
      for (const [index, { pauseMs, ms, endedAfterMs }] of planned.entries()) {
        await clock.advance(pauseMs)
        const at = clock.monotonic() + ms
        const deadline = deadlines.start(ms, () => passed.push([index, clock.monotonic()]))
        if (endedAfterMs === undefined || endedAfterMs > ms) expected.push([index, at])
        else if (endedAfterMs < ms) {
          void clock.sleep(endedAfterMs).then(() => deadlines.end(deadline))
        } else deadlines.end(deadline)
      }
      await clock.advance(200)
      const byIndex = ([a]: readonly [number, number], [b]: readonly [number, number]): number => a - b
      expect(passed.sort(byIndex)).toEqual(expected)
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 200 },
  )
})

it('keeps no timer for what has ended once it is closed, and still calls what runs', async () => {
  const clock = fakeClock()
  const closed = new AbortController()
  const deadlines = new Deadlines(clock, closed.signal)
  let passed = 0
  const [a, b] = [deadlines.start(50, () => passed++), deadlines.start(50, () => passed++)]
  deadlines.end(a)
  closed.abort(new Error('closed'))
  expect([clock.pending, passed]).toEqual([1, 0])
  await clock.advance(50)
  expect([clock.pending, passed]).toEqual([0, 1])
  deadlines.end(b)

  const idle = new AbortController()
  const others = new Deadlines(clock, idle.signal)
  others.end(others.start(50, () => passed++))
  expect(clock.pending).toBe(1)
  idle.abort(new Error('closed'))
  expect([clock.pending, passed]).toEqual([0, 1])
})
