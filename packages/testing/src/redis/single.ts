import { allocatePort } from '@millrace/core/process'
import { withGroup } from './group.ts'
import type { RedisProcess } from './server.ts'

/** Lines of the configuration: `{ maxmemory: '2mb', 'maxmemory-policy': 'noeviction' }`. */
export type RedisTestSettings = Readonly<Record<string, string | number>>

export interface TestRedis extends AsyncDisposable {
  readonly server: RedisProcess
  readonly url: string
  stop(): Promise<void>
}

/** Without files: nothing of a test outlives the machine. */
export const IN_MEMORY = ['save ""', 'appendonly no', 'enable-debug-command yes']

export const configLines = (settings: RedisTestSettings): string[] =>
  Object.entries(settings).map(([name, value]) => `${name} ${value}`)

/**
 * A real redis-server of its own, for one test file: call it in `beforeAll` and `stop` in `afterAll`. Takes about
 * 50 ms. Keeps nothing over a kill.
 */
export function testRedis(options: { settings?: RedisTestSettings } = {}): Promise<TestRedis> {
  return withGroup(async (group) => {
    const config = [...IN_MEMORY, ...configLines(options.settings ?? {})]
    const server = await group.add({ port: await allocatePort(), config })
    await server.start()
    return {
      server,
      url: server.url,
      stop: () => group.stop(),
      [Symbol.asyncDispose]: () => group.stop(),
    }
  })
}
