import { silentLogger } from '@millrace/core'
import { fakeClock } from '@millrace/testing'
import { afterEach, expect, it } from 'vitest'
import { HealthMonitor, type HealthSettings } from '../../src/health/health-monitor.ts'

const settings: HealthSettings = {
  path: '/health',
  intervalMs: 1_000,
  timeoutMs: 100,
  unhealthyAfter: 3,
  healthyAfter: 2,
}
const backend = { id: 'app/1', host: '127.0.0.1', port: 1 }
const monitors: HealthMonitor[] = []

afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.stop()
})

function watching(answers: { healthy: boolean }) {
  const clock = fakeClock()
  let changes = 0
  let checks = 0
  const monitor = new HealthMonitor({
    clock,
    logger: silentLogger,
    onChange: () => changes++,
    probe: async () => {
      checks++
      return { healthy: answers.healthy, message: String(answers.healthy), latencyMs: 1 }
    },
  })
  monitors.push(monitor)
  monitor.watch([{ pool: 'app', backend, settings }])
  return { clock, monitor, changes: () => changes, checks: () => checks }
}

it('takes out after three failures in a row and back after two successes', async () => {
  const answers = { healthy: true }
  const { clock, monitor, changes } = watching(answers)
  expect(monitor.isHealthy('app/1')).toBe(true)
  await clock.advance(2_000)
  answers.healthy = false
  await clock.advance(2_000)
  expect(monitor.isHealthy('app/1')).toBe(true)
  await clock.advance(1_000)
  expect(monitor.isHealthy('app/1')).toBe(false)
  answers.healthy = true
  await clock.advance(1_000)
  expect(monitor.isHealthy('app/1')).toBe(false)
  await clock.advance(1_000)
  expect(monitor.isHealthy('app/1')).toBe(true)
  expect(changes()).toBe(2)
  expect(monitor.list()[0]).toMatchObject({ id: 'app/1', pool: 'app', healthy: true, message: 'true' })
})

it('one success in between starts the count anew', async () => {
  const answers = { healthy: false }
  const { clock, monitor, changes } = watching(answers)
  await clock.advance(2_000)
  answers.healthy = true
  await clock.advance(1_000)
  answers.healthy = false
  await clock.advance(2_000)
  expect(monitor.isHealthy('app/1')).toBe(true)
  expect(changes()).toBe(0)
})

it('checks only what it is told to, once each', async () => {
  const { clock, monitor, checks } = watching({ healthy: true })
  monitor.watch([{ pool: 'app', backend, settings }])
  await clock.advance(5_000)
  expect(checks()).toBe(5)
  monitor.watch([])
  await clock.advance(5_000)
  expect(checks()).toBe(5)
  expect(monitor.isHealthy('app/1')).toBe(true)
})

it('what was seen of a backend says nothing about another under its id', async () => {
  const answers = { healthy: false }
  const { clock, monitor } = watching(answers)
  await clock.advance(4_000)
  expect(monitor.isHealthy('app/1')).toBe(false)
  monitor.watch([{ pool: 'app', backend: { ...backend, port: 2 }, settings }])
  expect(monitor.isHealthy('app/1')).toBe(true)
  await clock.advance(4_000)
  expect(monitor.isHealthy('app/1')).toBe(false)
})
