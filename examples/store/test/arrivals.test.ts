import { createRandom } from '@millrace-store/store/data'
import { describe, expect, it } from 'vitest'
import { arrivals, createRate, createSpikes, dailyShape } from '../traffic/arrivals.ts'

function take(source: Generator<number>, until: number): number[] {
  const taken: number[] = []
  for (const value of source) {
    if (value >= until) break
    taken.push(value)
  }
  return taken
}

describe('dailyShape', () => {
  it('has a mean of 1 over a day', () => {
    const steps = 24 * 60
    let sum = 0
    for (let minute = 0; minute < steps; minute++) sum += dailyShape(minute / steps)
    expect(sum / steps).toBeCloseTo(1, 3)
  })

  it('is quiet at four and busy at eight in the evening, and midnight meets midnight', () => {
    expect(dailyShape(4 / 24)).toBeLessThan(0.25)
    expect(dailyShape(20 / 24)).toBeGreaterThan(1.7)
    expect(dailyShape(0.999_999)).toBeCloseTo(dailyShape(0), 4)
  })
})

describe('arrivals', () => {
  it('are a Poisson process at a constant rate', () => {
    const random = createRandom('poisson')
    const moments = take(arrivals(createRate({ rate: 50, random }), random), 400)
    expect(moments.length / 400).toBeCloseTo(50, -0.5)
    // Exponential gaps: mean and standard deviation are both 1 / rate.
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] as number))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(mean).toBeCloseTo(0.02, 3)
    expect(deviation / mean).toBeCloseTo(1, 1)
    expect(gaps.every((gap) => gap > 0)).toBe(true)
  })

  it('follow the day: the evening brings several times what the night does', () => {
    const random = createRandom('a day')
    const dayMinutes = 1
    const rate = createRate({ rate: 100, dayMinutes, random })
    const moments = take(arrivals(rate, random), 60 * 5)
    const between = (from: number, to: number) =>
      moments.filter((seconds) => {
        const hour = ((seconds / 60 + 8 / 24) % 1) * 24
        return hour >= from && hour < to
      }).length
    expect(between(19, 21)).toBeGreaterThan(5 * between(3, 5))
  })

  it('never exceed the bound that thinning relies on', () => {
    for (let day = 0; day < 40; day++) {
      const rate = createRate({ rate: 10, dayMinutes: 1, random: createRandom(`bound ${day}`) })
      for (let second = 0; second < 60; second += 0.25) expect(rate.at(second)).toBeLessThanOrEqual(rate.max)
    }
  })

  it('are the same for the same seed', () => {
    const run = () => {
      const random = createRandom('again')
      return take(arrivals(createRate({ rate: 20, dayMinutes: 2, random }), random), 60)
    }
    expect(run()).toEqual(run())
  })
})

describe('createSpikes', () => {
  it('gives some days up to three, short ones, and some none', () => {
    const random = createRandom('spikes')
    const days = Array.from({ length: 200 }, () => createSpikes(random))
    const counts = days.map((spikes) => spikes.length)
    expect(new Set(counts)).toEqual(new Set([0, 1, 2, 3]))
    for (const spike of days.flat()) {
      expect(spike.start + spike.length).toBeLessThanOrEqual(1)
      expect(spike.factor).toBeGreaterThanOrEqual(2)
      expect(spike.factor).toBeLessThanOrEqual(4)
    }
  })
})
