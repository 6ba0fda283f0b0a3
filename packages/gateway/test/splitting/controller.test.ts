import { fakeClock } from '@millrace/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { SplitController, type ConfiguredSplit } from '../../src/splitting/controller.ts'
import type { SplitDecision } from '../../src/splitting/split-state.ts'
import { canarySettings, FakePart, statsOf } from './samples.ts'

const HOLD_MS = 60_000

describe('SplitController', () => {
  let clock: ReturnType<typeof fakeClock>
  let decisions: SplitDecision[]
  let stable: FakePart
  let canary: FakePart
  beforeEach(() => {
    clock = fakeClock()
    decisions = []
    stable = new FakePart()
    canary = new FakePart()
  })

  const split = (change: Partial<ConfiguredSplit> = {}): ConfiguredSplit => ({
    name: 'shop',
    kind: 'canary',
    stable: 'old',
    parts: [
      { pool: 'old', share: 100 },
      { pool: 'new', share: 0 },
    ],
    canary: canarySettings({ holdMs: HOLD_MS, minRequests: 100 }),
    ...change,
  })
  const controllerOf = (
    change?: Partial<ConfiguredSplit>,
    saved?: SplitController['state'],
  ): SplitController =>
    new SplitController(split(change), clock, (decision) => decisions.push(decision), saved)
  const words = (): string[] => decisions.map(({ decision, by, to }) => `${by} ${decision} ${to['new']}`)

  /** Seconds of traffic, each looked at. */
  const run = async (controller: SplitController, seconds: number, errors = 0): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1_000)
      stable.answer(50)
      canary.answer(10, errors)
      controller.observe(statsOf(stable, canary))
    }
  }

  it('goes through all steps by itself, each as long as configured', async () => {
    const controller = controllerOf()
    await run(controller, 10)
    expect(controller.shares).toEqual({ old: 100, new: 0 })
    controller.start()
    expect(controller.shares).toEqual({ old: 99, new: 1 })
    await run(controller, 59)
    expect(controller.shares.new).toBe(1)
    await run(controller, 1)
    expect(controller.shares.new).toBe(5)
    await run(controller, 180)
    expect(controller.shares).toEqual({ old: 0, new: 100 })
    expect(controller.state.canary).toBe('promoted')
    expect(words()).toEqual([
      'operator start 1',
      'controller advance 5',
      'controller advance 25',
      'controller advance 50',
      'controller promote 100',
    ])
    expect(decisions[1]).toMatchObject({
      sequence: 2,
      from: { old: 99, new: 1 },
      numbers: { stable: { errors: 0 }, canary: { requests: 590, p95Ms: expect.any(Number) } },
    })
    await run(controller, 100, 10)
    expect(decisions).toHaveLength(5)
  })

  it('is rolled back at once when it fails, within seconds', async () => {
    const controller = controllerOf()
    controller.start()
    await run(controller, 70)
    expect(controller.shares.new).toBe(5)
    await run(controller, 4, 8)
    expect(controller.shares).toEqual({ old: 100, new: 0 })
    expect(words().at(-1)).toBe('controller rollback 0')
    expect(decisions.at(-1)!.reason).toMatch(/^errors: \d/)
    expect(controller.state.canary).toBe('rolled-back')
    controller.start('fixed')
    expect(controller.shares.new).toBe(1)
  })

  it('hours that went well do not hide minutes that do not', async () => {
    const controller = controllerOf({ canary: canarySettings({ holdMs: 86_400_000, minRequests: 100 }) })
    controller.start()
    await run(controller, 3_600)
    await run(controller, 30, 2)
    expect(words().at(-1)).toBe('controller rollback 0')
  })

  it('errors of a step before do not count against the present one', async () => {
    const controller = controllerOf()
    canary.answer(1_000, 1_000)
    stable.answer(1_000)
    controller.start()
    await run(controller, 61)
    expect(controller.shares.new).toBe(5)
  })

  it('waits without traffic, however long', async () => {
    const controller = controllerOf()
    controller.start()
    for (let i = 0; i < 1_000; i++) {
      await clock.advance(60_000)
      controller.observe(statsOf(stable, canary))
    }
    expect(controller.shares.new).toBe(1)
    expect(controller.verdict).toMatchObject({ kind: 'wait' })
  })

  it('is not misled by workers that end and begin to count anew', async () => {
    const controller = controllerOf()
    controller.start()
    await run(controller, 30)
    stable = new FakePart()
    canary = new FakePart()
    await run(controller, 29)
    expect(controller.shares.new).toBe(1)
    await run(controller, 1)
    expect(controller.shares.new).toBe(5)
    expect(decisions.at(-1)!.numbers!.canary.requests).toBeLessThanOrEqual(600)
  })

  it('is paused, goes on, promoted and rolled back by hand', async () => {
    const controller = controllerOf()
    expect(() => controller.pause()).toThrow(expect.objectContaining({ code: 'GATEWAY_SPLIT_REFUSED' }))
    controller.start()
    controller.pause()
    await run(controller, 200, 10)
    expect(controller.shares.new).toBe(1)
    controller.start()
    expect(() => controller.start()).toThrow('running already')
    await run(controller, 60)
    expect(controller.shares.new).toBe(5)
    controller.promote('looks good')
    expect(controller.shares.new).toBe(100)
    expect(() => controller.promote()).toThrow('already')
    controller.rollback()
    expect(controller.shares.new).toBe(0)
    expect(words().map((word) => word.split(' ')[1])).toEqual([
      'start',
      'pause',
      'resume',
      'advance',
      'promote',
      'rollback',
    ])
    expect(() => controller.switchTo('new')).toThrow('it is canary')
  })

  it('goes on after a restart where it was, and begins the step anew', async () => {
    const before = controllerOf()
    before.start()
    await run(before, 60)
    const saved = structuredClone(before.state)
    const controller = controllerOf({}, saved)
    expect(controller.shares.new).toBe(5)
    stable = new FakePart()
    canary = new FakePart()
    await run(controller, 59)
    expect(controller.shares.new).toBe(5)
    await run(controller, 2)
    expect(controller.shares.new).toBe(25)
    // Another split of the same name is not the same split.
    const other = controllerOf(
      {
        parts: [
          { pool: 'old', share: 90 },
          { pool: 'newer', share: 10 },
        ],
      },
      saved,
    )
    expect(other.shares).toEqual({ old: 90, newer: 10 })
  })

  it('keeps the last 50 decisions, with growing numbers', () => {
    const controller = controllerOf()
    for (let i = 0; i < 40; i++) {
      controller.start()
      controller.rollback()
    }
    expect(controller.state.decisions).toHaveLength(50)
    expect(controller.state.decisions.at(-1)!.sequence).toBe(80)
  })

  it('blue-green: switches, remembers what was before, and goes back', () => {
    const controller = controllerOf({ kind: 'blue-green' })
    expect(() => controller.rollback()).toThrow('nothing was switched')
    expect(() => controller.switchTo('old')).toThrow('everything already')
    expect(() => controller.switchTo('gone')).toThrow('old, new')
    controller.switchTo('new')
    expect(controller.shares).toEqual({ old: 0, new: 100 })
    expect(controller.state.previous).toBe('old')
    controller.rollback()
    expect(controller.shares).toEqual({ old: 100, new: 0 })
    expect(controller.state.previous).toBe('new')
    expect(() => controller.start()).toThrow('it is blue-green')
  })

  it('what was decided about a canary is nothing to the same parts the other way round', () => {
    const before = controllerOf()
    before.promote()
    const saved = structuredClone(before.state)
    // The former canary has the route now, and the former stable part would be the canary.
    const turned = controllerOf({ stable: 'new', parts: [...split().parts] }, saved)
    expect(turned.state.canary).toBe('idle')
    expect(turned.shares).toEqual({ old: 100, new: 0 })
    const { stable: _unknown, ...former } = saved
    expect(controllerOf({}, former).state.canary).toBe('promoted')
  })
})

it('shares that no place stands for are refused before a table has them', () => {
  // Rounded apart they would not add up to 100, and no change of the table would be taken any more.
  expect(() => canarySettings({ steps: [33.333, 66.667, 100] })).toThrow(/steps of 0\.01/)
  expect(canarySettings({ steps: [0.01, 33.33, 100] }).steps).toEqual([0.01, 33.33, 100])
})
