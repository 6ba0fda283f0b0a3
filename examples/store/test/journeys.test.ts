import { describe, expect, it } from 'vitest'
import { chooseJourney } from '../traffic/journeys.ts'
import { formatSummary, Recorder } from '../traffic/report.ts'

describe('chooseJourney', () => {
  it('has a journey for every roll', () => {
    const chosen = new Set(Array.from({ length: 1_000 }, (_, index) => chooseJourney(index / 1_000)))
    expect(chosen.size).toBe(6)
    expect(chooseJourney(0)).not.toBe(chooseJourney(0.999_999))
  })
})

describe('Recorder', () => {
  it('tells errors from refusals and counts the caches', () => {
    const recorder = new Recorder()
    recorder.answer(200, 10, 1_000, 'HIT')
    recorder.answer(200, 10, 1_000, 'MISS')
    recorder.answer(409, 10, 10, undefined)
    recorder.answer(502, 10, 10, undefined)
    recorder.noAnswer(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    const summary = recorder.summary()
    expect(summary).toMatchObject({
      requests: 5,
      errors: 2,
      refused: 1,
      bytes: 2_020,
      cache: { hits: 1, misses: 1 },
      errorsByReason: { 'status 502': 1, ECONNREFUSED: 1 },
    })
    expect(formatSummary(summary)).toContain('50.0 % hits')
  })

  it('finds percentiles within a bucket of the histogram', () => {
    const recorder = new Recorder()
    for (let ms = 1; ms <= 1_000; ms++) recorder.answer(200, ms, 0, undefined)
    const { p50, p99, max } = recorder.summary().latencyMs
    expect(Math.abs((p50 ?? 0) - 500)).toBeLessThan(50)
    expect(Math.abs((p99 ?? 0) - 990)).toBeLessThan(90)
    expect(max).toBe(1_000)
  })

  it('says that there is nothing rather than zero', () => {
    expect(new Recorder().summary().latencyMs.p99).toBeNull()
  })
})
