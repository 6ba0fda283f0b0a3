import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoadBudget } from '../../src/warming/budget.ts'
import { HotKeys } from '../../src/warming/hot-keys.ts'
import { SeasonModel } from '../../src/warming/season-model.ts'
import { SequenceModel } from '../../src/warming/sequence-model.ts'
import { Usefulness } from '../../src/warming/usefulness.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 5)

describe('what follows what', () => {
  const walk = (model: SequenceModel, actor: string, keys: readonly string[], at = 0): void => {
    for (const [index, key] of keys.entries()) model.observe(actor, key, at + index)
  }

  it('is predicted once it was seen often enough, and often enough of all times', () => {
    const model = new SequenceModel({ minSupport: 3, minConfidence: 0.5 })
    walk(model, 'a', ['list', 'detail'])
    walk(model, 'b', ['list', 'detail'])
    expect(model.predict('list')).toEqual([])
    walk(model, 'c', ['list', 'detail'])
    expect(model.predict('list')).toEqual([{ key: 'detail', confidence: 1 }])
    for (const actor of ['d', 'e', 'f']) walk(model, actor, ['list', `other-${actor}`])
    expect(model.predict('list')).toEqual([{ key: 'detail', confidence: 0.5 }])
    walk(model, 'g', ['list', 'else'])
    expect(model.predict('list')).toEqual([])
  })

  it('is per visitor, and not across a long pause', () => {
    const model = new SequenceModel({ minSupport: 1, maxGapMs: 100 })
    model.observe('a', 'x', 0)
    model.observe('b', 'y', 1)
    model.observe('a', 'z', 101)
    expect(model.predict('x')).toEqual([])
    model.observe('b', 'w', 50)
    expect(model.predict('y')).toMatchObject([{ key: 'w' }])
  })

  it('never claims more than was seen, whatever the order, and stays within its bounds', () => {
    const read = fc.record({ actor: fc.constantFrom('a', 'b', 'c'), key: fc.nat(15).map(String) })
    fc.assert(
      fc.property(fc.array(read, { maxLength: 300 }), (reads) => {
        const model = new SequenceModel({ minSupport: 2, minConfidence: 0.1, maxKeys: 6, maxActors: 2 })
        const followed = new Map<string, number>()
        const last = new Map<string, string>()
        for (const [at, { actor, key }] of reads.entries()) {
          model.observe(actor, key, at)
          const pair = `${last.get(actor)} ${key}`
          followed.set(pair, (followed.get(pair) ?? 0) + 1)
          last.set(actor, key)
        }
        expect(model.size).toBeLessThanOrEqual(6)
        for (let key = 0; key <= 15; key++) {
          for (const { key: next, confidence } of model.predict(String(key))) {
            expect(followed.get(`${key} ${next}`)).toBeGreaterThanOrEqual(2)
            expect(confidence).toBeLessThanOrEqual(1)
          }
        }
      }),
    )
  })

  it('follows a change of habits', () => {
    const model = new SequenceModel({ minSupport: 3, minConfidence: 0.6 })
    for (let index = 0; index < 1_000; index++) walk(model, `${index}`, ['a', 'old'])
    for (let index = 0; index < 300; index++) walk(model, `n${index}`, ['a', 'new'])
    expect(model.predict('a').map(({ key }) => key)).toEqual(['new'])
  })
})

describe('what is read at which time of the day', () => {
  it('is expected at that hour on the next days, the most read first', () => {
    const model = new SeasonModel()
    for (let day = 0; day < 3; day++) {
      const nine = START + day * DAY + 9 * HOUR
      model.observe('report', nine)
      for (let reads = 0; reads < 5; reads++) model.observe('dashboard', nine + reads)
    }
    const next = START + 3 * DAY
    expect(model.expected(next + 9 * HOUR, 10)).toEqual(['dashboard', 'report'])
    expect(model.expected(next + 9 * HOUR, 1)).toEqual(['dashboard'])
    expect(model.expected(next + 10 * HOUR, 10)).toEqual([])
  })

  it('is not expected after one day, after a single spike, or when it has stopped', () => {
    const model = new SeasonModel()
    for (let reads = 0; reads < 1_000; reads++) model.observe('spike', START + 9 * HOUR)
    expect(model.expected(START + DAY + 9 * HOUR, 10)).toEqual([])
    expect(model.expected(START + 5 * DAY + 9 * HOUR, 10)).toEqual([])
    for (let day = 0; day < 7; day++) model.observe('stopped', START + day * DAY)
    expect(model.expected(START + 7 * DAY, 10)).toEqual(['stopped'])
    expect(model.expected(START + 12 * DAY, 10)).toEqual([])
  })

  it('goes on after a restart from what was kept', () => {
    const model = new SeasonModel()
    for (let day = 0; day < 3; day++) model.observe('report', START + day * DAY + 9 * HOUR)
    const kept = JSON.parse(JSON.stringify(model.snapshot())) as ReturnType<SeasonModel['snapshot']>
    const next = new SeasonModel({}, kept)
    expect(next.expected(START + 3 * DAY + 9 * HOUR, 10)).toEqual(['report'])
  })

  it('expects whatever is read in one hour of every day, and stays within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 0, max: 23 }),
        fc.array(fc.record({ key: fc.nat(30).map(String), at: fc.nat(20 * 24) }), { maxLength: 200 }),
        (days, hour, noise) => {
          const model = new SeasonModel({ maxKeys: 20 })
          for (let day = 0; day < days; day++) {
            for (const { key, at } of noise)
              if (Math.floor(at / 24) === day) model.observe(key, START + at * HOUR)
            model.observe('daily', START + day * DAY + hour * HOUR)
            expect(model.size).toBeLessThanOrEqual(20)
          }
          expect(model.expected(START + days * DAY + hour * HOUR, 1_000)).toContain('daily')
        },
      ),
    )
  })
})

describe('hot keys', () => {
  it('are those read often lately; old reads count half after the half-life', () => {
    const hot = new HotKeys({ maxKeys: 10, halfLifeMs: 1_000 })
    for (let reads = 0; reads < 8; reads++) hot.observe('a', 0)
    for (let reads = 0; reads < 5; reads++) hot.observe('b', 1_000)
    expect(hot.hot(4, 1_000)).toEqual(['b', 'a'])
    expect(hot.hot(4.1, 1_000)).toEqual(['b'])
    expect(hot.hot(1, 10_000)).toEqual([])
  })

  it('are kept when many keys are read once', () => {
    const hot = new HotKeys({ maxKeys: 50, halfLifeMs: 1_000_000 })
    for (let at = 0; at < 5_000; at++) {
      hot.observe(`once-${at}`, at)
      hot.observe(`hot-${at % 10}`, at)
      expect(hot.size).toBeLessThanOrEqual(50)
    }
    expect(hot.hot(100, 5_000).sort()).toEqual(Array.from({ length: 10 }, (_, index) => `hot-${index}`))
  })
})

describe('what loading ahead may cost', () => {
  it('never exceeds the burst and the share of the reads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('read', 'load', 'saved'), { maxLength: 500 }),
        fc.constantFrom(0.01, 0.1, 0.5, 1),
        fc.integer({ min: 1, max: 20 }),
        (steps, share, burst) => {
          const budget = new LoadBudget({ share, burst })
          let reads = 0
          let extra = 0
          for (const step of steps) {
            if (step === 'read') {
              budget.read()
              reads++
            } else if (step === 'load') extra += budget.take() ? 1 : 0
            else if (extra > 0) {
              budget.saved()
              extra--
            }
            expect(extra).toBeLessThanOrEqual(burst + share * reads + 1e-9)
          }
        },
      ),
    )
  })

  it('ends when it turns out to be useless, but for probes, and begins again when it is useful', () => {
    const draws = { value: 1 }
    const useful = new Usefulness({
      minPrecision: 0.25,
      horizonMs: 100,
      maxOpen: 1_000,
      random: () => draws.value,
    })
    for (let index = 0; index < 40; index++) {
      useful.predicted(`k${index}`, index)
      useful.expire(index + 101)
    }
    expect(useful.worthwhile()).toBe(false)
    expect(useful.stats).toMatchObject({ used: 0, wasted: 40 })
    draws.value = 0
    expect(useful.worthwhile()).toBe(true)
    draws.value = 1
    for (let index = 0; index < 10; index++) {
      useful.predicted(`p${index}`, 1_000)
      useful.read(`p${index}`, 1_001)
    }
    expect(useful.worthwhile()).toBe(true)
  })
})
