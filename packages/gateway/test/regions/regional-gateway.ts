import type { HostStats } from '../../src/service.ts'
import { HostHarness } from '../support/host-harness.ts'

/** The program of one region: the host part with its workers, told what to do over IPC. */
export type ToRegion =
  { name: 'start'; config: object; backends: readonly number[] } | { name: 'stats' } | { name: 'stop' }

const harness = new HostHarness()

async function perform(message: ToRegion): Promise<unknown> {
  switch (message.name) {
    case 'start':
      await harness.source.set(
        ...message.backends.map((port, at) => ({ id: `app/${at + 1}`, port, host: '127.0.0.1' })),
      )
      await harness.start(message.config, {
        app: {
          command: 'unused',
          health: { path: '/', intervalMs: 100, timeoutMs: 1_000, unhealthyAfter: 2, healthyAfter: 2 },
        },
      })
      return harness.url
    case 'stats':
      return (await harness.part.methods!.stats!(undefined)) as HostStats
    default:
      await harness.stop()
      return undefined
  }
}

process.on('message', (message: ToRegion) => {
  perform(message).then(
    (value) => process.send!({ value }),
    (error: Error) => process.send!({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
