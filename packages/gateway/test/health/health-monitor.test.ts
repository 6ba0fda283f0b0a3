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

function watching(answers: { healthy: boolean }, more: Partial<HealthSettings> = {}) {
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
  monitor.watch([{ pool: 'app', backend, settings: { ...settings, ...more } }])
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

it('one that begins as unhealthy gets requests after its first answer, and soon', async () => {
  const answers = { healthy: true }
  const { clock, monitor } = watching(answers, { initial: 'unhealthy', intervalMs: 60_000 })
  expect(monitor.isHealthy('app/1')).toBe(false)
  await clock.advance(500)
  expect(monitor.isHealthy('app/1')).toBe(true)
})

it('failures while it starts do not count, until it has answered once', async () => {
  const answers = { healthy: false }
  const { clock, monitor } = watching(answers, { startPeriodMs: 10_000 })
  await clock.advance(9_900)
  expect(monitor.isHealthy('app/1')).toBe(true)
  expect(monitor.list()[0]!.failures).toBeGreaterThan(7)
  await clock.advance(3_200)
  expect(monitor.isHealthy('app/1')).toBe(false)

  const started = { healthy: true }
  const other = watching(started, { startPeriodMs: 60_000 })
  await other.clock.advance(1_000)
  started.healthy = false
  await other.clock.advance(3_000)
  expect(other.monitor.isHealthy('app/1')).toBe(false)
})

it('says since when, how often in a row, and how it is checked', async () => {
  const answers = { healthy: false }
  const { clock, monitor } = watching(answers)
  await clock.advance(4_000)
  const [health] = monitor.list()
  expect(health).toMatchObject({ kind: 'http', healthy: false, failures: 4 })
  expect(health!.changedAt).toBeLessThan(health!.checkedAt!)
})

it('a thousand backends are not asked in one instant, nor more at once than it may', async () => {
  const clock = fakeClock()
  const perInstant = new Map<number, number>()
  let running = 0
  let most = 0
  let results = 0
  const monitor = new HealthMonitor({
    clock,
    logger: silentLogger,
    onChange: () => undefined,
    onResult: () => results++,
    maxConcurrent: 50,
    probe: async () => {
      const at = Math.floor(clock.monotonic())
      perInstant.set(at, (perInstant.get(at) ?? 0) + 1)
      most = Math.max(most, ++running)
      await clock.sleep(200)
      running--
      return { healthy: true, message: 'ok', latencyMs: 200 }
    },
  })
  monitors.push(monitor)
  monitor.watch(
    Array.from({ length: 1_000 }, (_, index) => ({
      pool: 'app',
      backend: { id: `app/${index}`, host: '127.0.0.1', port: 1 },
      settings: { ...settings, intervalMs: 10_000 },
    })),
  )
  await clock.advance(20_000)
  expect(most).toBeLessThanOrEqual(50)
  expect(Math.max(...perInstant.values())).toBeLessThanOrEqual(12)
  expect(results).toBeGreaterThan(1_500)
})

it('waits for a place no longer than it is watched', async () => {
  const clock = fakeClock()
  const asked: string[] = []
  const monitor = new HealthMonitor({
    clock,
    logger: silentLogger,
    onChange: () => undefined,
    maxConcurrent: 1,
    random: () => 0,
    probe: async ({ id }) => {
      asked.push(id)
      await clock.sleep(5_000)
      return { healthy: true, message: 'ok', latencyMs: 0 }
    },
  })
  monitors.push(monitor)
  const entry = (id: string) => ({ pool: 'app', backend: { ...backend, id }, settings })
  monitor.watch(['a', 'b', 'c'].map(entry))
  await clock.advance(1)
  monitor.watch(['a', 'c'].map(entry))
  await clock.advance(5_000)
  expect(asked).toEqual(['a', 'c'])
})
