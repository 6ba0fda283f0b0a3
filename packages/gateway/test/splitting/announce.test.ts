import { createEventBus, silentLogger, type RuntimeLink } from '@millrace/core'
import { expect, it } from 'vitest'
import { gatewayConfig } from '../../src/config.ts'
import { GatewayService } from '../../src/service.ts'
import type { SplitDecision } from '../../src/splitting/split-state.ts'

const decisionOf = (sequence: number): SplitDecision => ({
  sequence,
  at: 1,
  decision: 'advance',
  by: 'controller',
  from: { old: 99, new: 1 },
  to: { old: 95, new: 5 },
  reason: 'not worse than the stable part',
})

it('every decision about a split is an event, once, and what was decided before is history', async () => {
  let decisions = [decisionOf(1)]
  let changed: (() => void) | undefined
  const runtime: RuntimeLink = {
    connected: true,
    components: () => [],
    call: async <Result>() => [{ name: 'shop', decisions }] as Result,
    onChange: (listener) => {
      changed = () => listener([])
      return () => (changed = undefined)
    },
  }
  const events = createEventBus(silentLogger)
  const heard: number[] = []
  events.on('split.changed', ({ split, sequence, reason }) => {
    expect([split, reason]).toEqual(['shop', 'not worse than the stable part'])
    heard.push(sequence)
  })
  const service = new GatewayService({ config: gatewayConfig.parse({}), runtime })
  service.announceSplits(events, silentLogger)
  await new Promise((resolve) => setImmediate(resolve))
  decisions = [1, 2, 3].map(decisionOf)
  changed!()
  changed!()
  await expect.poll(() => heard).toEqual([2, 3])
  decisions = [3, 4].map(decisionOf)
  changed!()
  await expect.poll(() => heard).toEqual([2, 3, 4])
  service.dispose()
  expect(changed).toBeUndefined()
})
