// A process that reads one cold key many times at once when it is told to, and says how often it had to load.
import { setTimeout as pause } from 'node:timers/promises'
import { MetricRegistry } from '@millrace/core/metrics'
import { redisSettings } from '@millrace/core/redis'
import { createCache } from '../../../src/index.ts'

const [port, reads] = process.argv.slice(2).map(Number)
const settings = redisSettings.parse({ host: '127.0.0.1', port })
// A whole processor may be busy with other things: what is measured here is the number of loads.
const cache = createCache({
  name: 'stampede',
  redis: settings,
  registry: new MetricRegistry(),
  sharedTimeoutMs: 2_000,
})
let loads = 0
const load = async (): Promise<{ loadedBy: number }> => {
  loads++
  await pause(200)
  return { loadedBy: process.pid }
}

process.on('message', (id: string) => {
  void Promise.all(Array.from({ length: reads! }, () => cache.getOrSet('n', id, load))).then((values) => {
    const pids = new Set(values.map(({ loadedBy }) => loadedBy))
    process.send!({ loads, pids: [...pids], values: values.length })
  })
})
process.on('disconnect', () => void cache.close().then(() => process.exit()))
await cache.ready()
process.send!('ready')
