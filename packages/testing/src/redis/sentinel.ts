import { randomBytes } from 'node:crypto'
import { allocatePort } from '@millrace/core/process'
import { waitFor } from '../wait/wait-for.ts'
import { withGroup } from './group.ts'
import type { RedisProcess } from './server.ts'
import { configLines, IN_MEMORY, type RedisTestSettings } from './single.ts'

export interface TestSentinel extends AsyncDisposable {
  /** A master at first, then its replica; a fail-over swaps them. */
  readonly servers: readonly RedisProcess[]
  readonly sentinels: readonly RedisProcess[]
  readonly masterName: string
  /** For REDIS_SENTINELS. */
  readonly addresses: string[]
  /** The server that the Sentinels name. */
  master(): Promise<RedisProcess>
  stop(): Promise<void>
}

const MASTER_NAME = 'mymaster'
/** A server that is silent for so long is replaced. Short, so that tests are; long enough for two busy cores. */
const DOWN_AFTER_MS = 600

/** A master and a replica, watched by three Sentinels that agree by two. Takes one to two seconds. */
export function testSentinel(options: { settings?: RedisTestSettings } = {}): Promise<TestSentinel> {
  return withGroup(async (group) => {
    const config = [...IN_MEMORY, 'repl-diskless-sync-delay 0', ...configLines(options.settings ?? {})]
    const master = await group.add({ port: await allocatePort(), config })
    const replica = await group.add({
      port: await allocatePort(),
      config: [...config, `replicaof 127.0.0.1 ${master.port}`],
    })
    const servers = [master, replica]
    await Promise.all(servers.map((server) => server.start()))
    await waitFor(async () => (await replica.info('master_link_status')) === 'up', { intervalMs: 10 })
    // The master begins to send only after the replica's first report, up to a second later.
    await master.command('SET', 'replicated', 1)
    await waitFor(async () => (await master.command('WAIT', 1, 1_000)) === 1)
    await master.command('DEL', 'replicated')

    const members = await Promise.all(
      [1, 2, 3].map(async () => ({ port: await allocatePort(), id: randomBytes(20).toString('hex') })),
    )
    const sentinels: RedisProcess[] = []
    for (const { port, id } of members) {
      // They know of each other from the start, and do not have to meet by way of the master first.
      const others = members.filter((member) => member.port !== port)
      sentinels.push(
        await group.add({
          port,
          sentinel: true,
          config: sentinelConfig(id, master.port, replica.port, others),
        }),
      )
    }
    await Promise.all(sentinels.map((sentinel) => sentinel.start()))
    await waitFor(
      async () => {
        const answers = await Promise.all(sentinels.map((sentinel) => ckquorum(sentinel)))
        return answers.every(Boolean)
      },
      { intervalMs: 20, what: 'Agreement of the Sentinels' },
    )
    return {
      servers,
      sentinels,
      masterName: MASTER_NAME,
      addresses: sentinels.map(({ address }) => address),
      master: async () => {
        const answer = await firstAnswer(sentinels)
        const found = servers.find(({ port }) => String(port) === answer[1])
        if (found === undefined)
          throw new Error(`The Sentinels name ${answer.join(':')}, which is none of this test.`)
        return found
      },
      stop: () => group.stop(),
      [Symbol.asyncDispose]: () => group.stop(),
    }
  })
}

function sentinelConfig(
  id: string,
  master: number,
  replica: number,
  others: readonly { port: number; id: string }[],
): string[] {
  return [
    `sentinel myid ${id}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master} 2`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} 3000`,
    `sentinel known-replica ${MASTER_NAME} 127.0.0.1 ${replica}`,
    ...others.map((other) => `sentinel known-sentinel ${MASTER_NAME} 127.0.0.1 ${other.port} ${other.id}`),
  ]
}

async function ckquorum(sentinel: RedisProcess): Promise<boolean> {
  const reply = await sentinel.command('SENTINEL', 'CKQUORUM', MASTER_NAME)
  const replicas = (await sentinel.command('SENTINEL', 'REPLICAS', MASTER_NAME)) as string[][]
  return String(reply).startsWith('OK 3') && replicas.length > 0
}

async function firstAnswer(sentinels: readonly RedisProcess[]): Promise<string[]> {
  const running = sentinels.find(({ pid }) => pid !== undefined)
  if (running === undefined) throw new Error('No Sentinel runs.')
  return (await running.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME)) as string[]
}
