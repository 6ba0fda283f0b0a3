import { randomBytes } from 'node:crypto'
import { allocatePort } from '@millrace/core/process'
import { waitFor } from '../wait/wait-for.ts'
import { withGroup, type RedisGroup } from './group.ts'
import { infoField, type RedisProcess } from './server.ts'
import { configLines, IN_MEMORY, type RedisTestSettings } from './single.ts'

export interface TestRedisCluster extends AsyncDisposable {
  readonly servers: readonly RedisProcess[]
  /** For REDIS_CLUSTER_NODES. */
  readonly addresses: string[]
  /** The servers that serve slots at present, as one that runs sees it. */
  masters(): Promise<RedisProcess[]>
  /** The master of a key's slot. */
  masterOf(key: string): Promise<RedisProcess>
  /** Resolves when every running server sees all slots served. */
  settled(deadlineMs?: number): Promise<void>
  stop(): Promise<void>
}

export interface TestRedisClusterOptions {
  /** Default 3. */
  masters?: number
  /** Of each master. Default 1. */
  replicas?: number
  /** A server that is silent for so long is taken for lost. Default 1,000. */
  nodeTimeoutMs?: number
  settings?: RedisTestSettings
}

const SLOTS = 16_384

interface Member {
  id: string
  port: number
  busPort: number
  slots: string | undefined
  masterId: string | undefined
  epoch: number
}

/**
 * A Redis Cluster, by default of three masters and three replicas. The servers start with the finished map of the
 * Cluster, so that nobody has to meet; it takes the two seconds that a master waits before it serves after a start.
 */
export function testRedisCluster(options: TestRedisClusterOptions = {}): Promise<TestRedisCluster> {
  const { masters = 3, replicas = 1, nodeTimeoutMs = 1_000, settings = {} } = options
  return withGroup(async (group) => {
    const members = await plan(masters, replicas)
    const servers = await Promise.all(
      members.map((member) => addMember(group, member, members, nodeTimeoutMs, settings)),
    )
    await Promise.all(servers.map((server) => server.start()))
    const running = (): RedisProcess[] => servers.filter(({ pid }) => pid !== undefined)
    const settled = async (deadlineMs = 15_000): Promise<void> => {
      await waitFor(async () => (await Promise.all(running().map(isSettled))).every(Boolean), {
        deadlineMs,
        what: 'A settled Cluster',
      })
    }
    await settled()
    const byPort = (port: number): RedisProcess => servers.find((server) => server.port === port)!
    const ranges = async (): Promise<SlotRange[]> =>
      (await running()[0]!.command('CLUSTER', 'SLOTS')) as SlotRange[]
    return {
      servers,
      addresses: servers.map(({ address }) => address),
      masters: async () => [...new Set((await ranges()).map(([, , [, port]]) => byPort(port)))],
      masterOf: async (key) => {
        const slot = Number(await running()[0]!.command('CLUSTER', 'KEYSLOT', key))
        const range = (await ranges()).find(([from, to]) => from <= slot && slot <= to)
        if (range === undefined) throw new Error(`Nobody serves slot ${slot}.`)
        return byPort(range[2][1])
      },
      settled,
      stop: () => group.stop(),
      [Symbol.asyncDispose]: () => group.stop(),
    }
  })
}

type SlotRange = [from: number, to: number, master: [host: string, port: number], ...replicas: unknown[]]

async function plan(masters: number, replicas: number): Promise<Member[]> {
  const members: Member[] = []
  for (let index = 0; index < masters * (1 + replicas); index++) {
    const master = index % masters
    const first = Math.floor((master * SLOTS) / masters)
    const last = Math.floor(((master + 1) * SLOTS) / masters) - 1
    members.push({
      id: randomBytes(20).toString('hex'),
      port: await allocatePort(),
      busPort: await allocatePort(),
      slots: index < masters ? `${first}-${last}` : undefined,
      masterId: members[master]?.id,
      epoch: master + 1,
    })
  }
  return members
}

async function addMember(
  group: RedisGroup,
  member: Member,
  members: readonly Member[],
  nodeTimeoutMs: number,
  settings: RedisTestSettings,
): Promise<RedisProcess> {
  const config = [
    ...IN_MEMORY,
    'cluster-enabled yes',
    `cluster-port ${member.busPort}`,
    'cluster-config-file nodes.conf',
    `cluster-node-timeout ${nodeTimeoutMs}`,
    'cluster-replica-validity-factor 0',
    'cluster-allow-replica-migration no',
    'repl-diskless-sync-delay 0',
    ...configLines(settings),
  ]
  const server = await group.add({ port: member.port, config })
  server.writeFile('nodes.conf', nodesFile(member, members))
  return server
}

/** The format of Redis 7: id, address with the port of the bus, flags, master, ping, pong, epoch, link, slots. */
function nodesFile(own: Member, members: readonly Member[]): string {
  const lines = members.map(({ id, port, busPort, slots, masterId, epoch }) => {
    const role = slots === undefined ? 'slave' : 'master'
    const flags = id === own.id ? `myself,${role}` : role
    const master = slots === undefined ? masterId! : '-'
    return `${id} 127.0.0.1:${port}@${busPort} ${flags} ${master} 0 0 ${epoch} connected ${slots ?? ''}`.trimEnd()
  })
  return `${lines.join('\n')}\nvars currentEpoch ${members.length} lastVoteEpoch 0\n`
}

async function isSettled(server: RedisProcess): Promise<boolean> {
  const cluster = String(await server.command('CLUSTER', 'INFO'))
  if (infoField(cluster, 'cluster_state') !== 'ok') return false
  if (infoField(cluster, 'cluster_slots_ok') !== String(SLOTS)) return false
  const replication = String(await server.command('INFO', 'replication'))
  return infoField(replication, 'role') === 'master' || infoField(replication, 'master_link_status') === 'up'
}
