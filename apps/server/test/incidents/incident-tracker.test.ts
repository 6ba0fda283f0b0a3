import type { ComponentStatus } from '@millrace/core'
import { expect, test } from 'vitest'
import { createIncidentTracker, MAX_TIMELINE } from '../../src/incidents/incident-tracker.ts'

const component = (
  state: ComponentStatus['state'],
  extra: Partial<ComponentStatus> = {},
): ComponentStatus => ({
  id: 'shop/1',
  kind: 'instance',
  state,
  restarts: 0,
  ...extra,
})
const killed = { at: 1_000, reason: 'exited with signal SIGKILL' }

test('leaving ready unplanned opens an incident, coming back closes it, with each step in its timeline', () => {
  const tracker = createIncidentTracker()
  expect(tracker.apply([component('ready')], 500)).toEqual([])
  const [opened] = tracker.apply([component('restarting', { lastFailure: killed })], 1_010)
  expect(opened).toMatchObject({
    component: 'shop/1',
    state: 'open',
    openedAt: 1_000,
    closedAt: null,
    title: 'shop/1: exited with signal SIGKILL',
  })
  tracker.apply([component('starting', { lastFailure: killed, restarts: 1 })], 1_200)
  const [closed] = tracker.apply(
    [component('ready', { lastFailure: killed, restarts: 1, readySince: 1_500 })],
    1_510,
  )
  expect(closed).toMatchObject({ id: opened?.id, state: 'closed', closedAt: 1_500 })
  expect(closed?.timeline.map(({ at, state }) => [at, state])).toEqual([
    [1_000, 'failed'],
    [1_010, 'restarting'],
    [1_200, 'starting'],
    [1_500, 'ready'],
  ])
  expect(tracker.open()).toEqual([])
})

test('a planned stop or restart opens none', () => {
  const tracker = createIncidentTracker()
  for (const state of ['starting', 'ready', 'draining', 'stopped', 'starting', 'ready'] as const) {
    expect(tracker.apply([component(state)], 1)).toEqual([])
  }
  expect(tracker.apply([], 2)).toEqual([])
})

test('a failure that was over before anybody looked is an incident of its own, opened and closed', () => {
  const tracker = createIncidentTracker()
  tracker.apply([component('ready')], 500)
  const [incident] = tracker.apply(
    [component('ready', { lastFailure: killed, restarts: 1, readySince: 1_400 })],
    2_000,
  )
  expect(incident).toMatchObject({ state: 'closed', openedAt: 1_000, closedAt: 1_400 })
})

test('a timeline never runs backwards', () => {
  const tracker = createIncidentTracker()
  tracker.apply([component('ready')], 500)
  tracker.apply([component('starting', { lastFailure: killed, restarts: 1 })], 1_500)
  const [closed] = tracker.apply(
    [component('ready', { lastFailure: killed, restarts: 1, readySince: 1_499 })],
    1_501,
  )
  expect(closed?.timeline.map(({ at }) => at)).toEqual([1_000, 1_500, 1_500])
  expect(closed?.closedAt).toBe(1_500)
})

test('the same failure is not told twice, a crash loop is one incident', () => {
  const tracker = createIncidentTracker()
  tracker.apply([component('ready')], 500)
  const [first] = tracker.apply([component('restarting', { lastFailure: killed })], 1_000)
  expect(tracker.apply([component('restarting', { lastFailure: killed })], 1_001)).toEqual([])
  const again = { at: 3_000, reason: 'exited with code 1' }
  const [second] = tracker.apply([component('restarting', { lastFailure: again, restarts: 1 })], 3_001)
  expect(second?.id).toBe(first?.id)
  expect(second?.timeline.at(-1)).toEqual({ at: 3_000, state: 'failed', message: 'exited with code 1' })
})

test('a component that is gone closes its incident', () => {
  const tracker = createIncidentTracker()
  tracker.apply([component('failed', { lastFailure: killed })], 1_000)
  const [closed] = tracker.apply([], 5_000)
  expect(closed).toMatchObject({ state: 'closed', closedAt: 5_000 })
})

test('after a restart of the control plane known failures are not told again, open incidents go on', () => {
  const before = createIncidentTracker()
  const [open] = before.apply([component('failed', { lastFailure: killed })], 1_000)
  const after = createIncidentTracker()
  after.restore(open === undefined ? [] : [open])
  expect(after.apply([component('failed', { lastFailure: killed })], 2_000)).toEqual([])
  const [closed] = after.apply([component('ready', { lastFailure: killed, readySince: 2_500 })], 2_501)
  expect(closed).toMatchObject({ id: open?.id, state: 'closed', closedAt: 2_500 })
})

test('the timeline of a component that crashes for ever keeps its beginning and its end', () => {
  const tracker = createIncidentTracker()
  let last
  for (let i = 0; i < MAX_TIMELINE + 50; i++) {
    const lastFailure = { at: 1_000 + i, reason: `crash ${i}` }
    last = tracker.apply([component('restarting', { lastFailure, restarts: i })], 1_000 + i)[0] ?? last
  }
  expect(last?.timeline).toHaveLength(MAX_TIMELINE)
  expect(last?.timeline[0]?.message).toBe('crash 0')
  expect(last?.timeline.at(-1)?.message).toBe(`crash ${MAX_TIMELINE + 49}`)
})
