import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { redisSettings, type RedisSettings } from '@millrace/core/redis'
import { waitFor } from '@millrace/testing'
import { testRedisCluster, type RedisProcess, type TestRedisCluster } from '@millrace/testing/redis'
import type { SharedStore } from '../../src/drivers/driver.ts'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { Recorder, record, texts, versionOf } from '../../src/testing/harness.ts'

let cluster: TestRedisCluster
let settings: RedisSettings
let open: SharedStore[] = []
let names = 0
let keyspace = ''

async function connected(): Promise<SharedStore> {
  const store = createRedisStore({ name: keyspace, settings })
  open.push(store)
  await store.connect()
  return store
}

async function following(store: SharedStore): Promise<Recorder> {
  const recorder = new Recorder()
  await store.follow(recorder)
  await waitFor(() => recorder.connected)
  return recorder
}

const KEYS = Array.from({ length: 300 }, (_, index) => `N:${index}`)
const stampsKey = (): string => `{millrace:${keyspace}}:stamps`
const recordKey = (key: string): string => `millrace:${keyspace}:${key}`

async function fill(store: SharedStore): Promise<number> {
  const version = await versionOf(store)
  await store.write(KEYS.map((key) => record(key, version)))
  return version
}

async function replicaOf(master: RedisProcess): Promise<RedisProcess> {
  const port = /slave0:ip=[^,]*,port=(\d+)/.exec(String(await master.command('INFO', 'replication')))![1]
  return cluster.servers.find((server) => String(server.port) === port)!
}

/** A key whose record is on that server. */
async function keyOn(server: RedisProcess): Promise<string> {
  for (const key of KEYS) if ((await cluster.masterOf(recordKey(key))) === server) return key
  throw new Error('No key lies there.')
}

/** How often each command was executed on all masters since the last reset. */
async function commandsOf(masters: readonly RedisProcess[]): Promise<Map<string, number>> {
  const calls = new Map<string, number>()
  for (const master of masters) {
    const stats = String(await master.command('INFO', 'commandstats'))
    for (const [, name, count] of stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)) {
      calls.set(name!, (calls.get(name!) ?? 0) + Number(count))
    }
  }
  return calls
}

beforeAll(async () => {
  cluster = await testRedisCluster()
  settings = redisSettings.parse({ clusterNodes: cluster.addresses, commandTimeoutMs: 300 })
})
afterEach(async () => {
  await Promise.all(open.map((store) => store.close()))
  open = []
  keyspace = `cluster-${++names}`
})
afterAll(() => cluster.stop())
keyspace = 'cluster-0'

describe('three masters', () => {
  it('hold the records among them, and one stamp empties all: in one step, whatever their number', async () => {
    const store = await connected()
    const version = await fill(store)
    const masters = await cluster.masters()
    expect(masters).toHaveLength(3)
    for (const master of masters) expect(await master.command('DBSIZE')).toBeGreaterThan(50)

    for (const master of masters) await master.command('CONFIG', 'RESETSTAT')
    const cleared = await store.invalidate({ kind: 'stamps', names: ['*'] })
    const calls = await commandsOf(masters)
    expect((calls.get('eval') ?? 0) + (calls.get('evalsha') ?? 0)).toBe(1)
    expect([...calls.keys()].filter((name) => /^(scan|keys|unlink|del|flush)/.test(name))).toEqual([])

    const { records, stamps } = await store.read(KEYS, ['*'])
    expect(stamps).toEqual([cleared])
    expect(records.every((found) => found!.version < stamps[0]!)).toBe(true)
    expect(version).toBeLessThan(cleared)
  })

  it('are all listed, and counted by what they hold', async () => {
    for (const master of await cluster.masters()) await master.command('FLUSHALL')
    const store = await connected()
    await fill(store)
    const all = await store.list('N:*', { limit: 1_000, maxScanned: 400 })
    expect([all.keys.toSorted(), all.more]).toEqual([KEYS.toSorted(), false])
    const some = await store.list('N:*', { limit: 1_000, maxScanned: 150 })
    expect(some.more).toBe(true)
    expect(some.keys.length).toBeLessThan(KEYS.length)
  })

  it('are all swept', async () => {
    const store = await connected()
    await fill(store)
    const [before, after] = [new Set<string>(), new Set<string>()]
    const holders = async (found: Set<string>): Promise<void> => {
      for (const master of await cluster.masters()) {
        const [, keys] = (await master.command('SCAN', 0, 'MATCH', recordKey('*'), 'COUNT', 10_000)) as [
          string,
          string[],
        ]
        if (keys.length > 0) found.add(master.address)
      }
    }
    await holders(before)
    expect(before.size).toBe(3)
    expect(await store.sweep('N:*', new AbortController().signal)).toBe(KEYS.length)
    await holders(after)
    expect(after.size).toBe(0)
  })

  it('are read with a GET per key and one ZMSCORE, whatever the number of tags', async () => {
    const store = await connected()
    await fill(store)
    const masters = await cluster.masters()
    for (const master of masters) await master.command('CONFIG', 'RESETSTAT')
    expect((await store.read(KEYS, ['*', 't:a', 't:b'])).records).toHaveLength(KEYS.length)
    const calls = await commandsOf(masters)
    expect(calls.get('get')).toBe(KEYS.length)
    expect(calls.get('zmscore')).toBe(1)
  })
})

describe('settings of a single server', () => {
  it('that name a server of a Cluster are refused, and say how it is named', async () => {
    const [server] = cluster.servers
    const single = redisSettings.parse({ host: '127.0.0.1', port: server!.port })
    const store = createRedisStore({ name: keyspace, settings: single })
    open.push(store)
    await expect(store.connect()).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringContaining('REDIS_CLUSTER_NODES') as string,
    })
  })
})

describe('a slot that moves', () => {
  it('is read and written before, during and after, by clients that do not know', async () => {
    const store = await connected()
    const version = await fill(store)
    const key = KEYS[7]!
    const from = await cluster.masterOf(recordKey(key))
    const slot = Number(await from.command('CLUSTER', 'KEYSLOT', recordKey(key)))
    const to = (await cluster.masters()).find((master) => master !== from)!
    const [fromId, toId] = [
      String(await from.command('CLUSTER', 'MYID')),
      String(await to.command('CLUSTER', 'MYID')),
    ]
    const check = async (text: string): Promise<void> => {
      expect((await store.read(KEYS, [])).records.every((found) => found !== undefined)).toBe(true)
      expect(await store.write([record(key, version, text)])).toEqual([true])
      expect(await texts(store, key)).toEqual([text])
    }
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
    await check('still there')
    const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
    await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, 1_000, 'KEYS', ...keys)
    await check('moved, and the slot has not')
    for (const server of [to, from]) await server.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
    await check('moved with its slot')
    await store.invalidate({ kind: 'keys', keys: [key] })
    expect(await texts(store, key)).toEqual([undefined])
  })
})

describe('a master that is killed under load', () => {
  it('costs its own keys until its replica took over; then all goes on, and no follower is left in ignorance', async () => {
    const [store, follower] = [await connected(), await connected()]
    const recorder = await following(follower)
    await fill(store)
    const victim = await cluster.masterOf(stampsKey())

    const issued: number[] = []
    const failures: unknown[] = []
    const stop = new AbortController()
    const load = async (seed: number): Promise<void> => {
      for (let index = seed; !stop.signal.aborted; index += 7) {
        const key = KEYS[index % KEYS.length]!
        try {
          const { version } = await store.read([key], ['t:a'])
          await store.write([record(key, version)])
          issued.push(await store.invalidate({ kind: 'stamps', names: [`t:${index % 50}`] }))
        } catch (error) {
          failures.push((error as { code?: string }).code)
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    }
    const loads = [1, 2, 3, 4].map(load)
    await waitFor(() => issued.length > 50)
    await victim.kill()
    const atKill = issued.length
    await waitFor(() => issued.length > atKill + 200, {
      deadlineMs: 20_000,
      what: 'Invalidations after the fail-over',
    })
    stop.abort()
    await Promise.all(loads)
    expect(new Set(failures)).toEqual(new Set(['CACHE_STORE_UNAVAILABLE']))

    // Every key works again, wherever it lies.
    const version = await versionOf(store)
    expect(await store.write(KEYS.map((key) => record(key, version)))).toEqual(KEYS.map(() => true))
    expect(await texts(store, ...KEYS)).toEqual(KEYS)
    const last = await store.invalidate({ kind: 'stamps', names: ['t:last'] })
    await waitFor(() => recorder.versions.at(-1) === last, { deadlineMs: 15_000, what: 'The last notice' })
    const heard = new Set(recorder.versions)
    const missed = issued.filter((at) => !heard.has(at))
    expect(missed.length === 0 || recorder.gaps > 0).toBe(true)
    expect(recorder.versions).toEqual(recorder.versions.toSorted((a, b) => a - b))
    // What was issued before and lost with the master makes everything from before stale instead.
    const { floor } = await store.stamps([])
    expect(recorder.gaps === 0 || floor > 0).toBe(true)
    await victim.start()
    await cluster.settled()
  })

  it('does not bring back what was invalidated just before, although its replica had not heard of it', async () => {
    const [store, other] = [await connected(), await connected()]
    await following(store)
    const recorder = await following(other)
    // Of the masters that have not got the log.
    const holder = await cluster.masterOf(stampsKey())
    const victim = (await cluster.masters()).find((master) => master !== holder)!
    const key = await keyOn(victim)
    await store.write([record(key, await versionOf(store), 'outdated')])
    const replica = await replicaOf(victim)
    await waitFor(async () => (await victim.command('WAIT', 1, 1_000)) === 1)

    // The replica is cut off before the tombstone, and promoted after it.
    replica.pause()
    await victim.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await store.invalidate({ kind: 'keys', keys: [key] })
    expect(await texts(store, key)).toEqual([undefined])
    await victim.kill()
    replica.resume()
    await waitFor(() => recorder.notices.filter(({ what }) => what.kind === 'keys').length >= 2, {
      deadlineMs: 20_000,
      what: 'The second invalidation',
    })
    expect(await texts(store, key)).toEqual([undefined])
    expect((await replica.command('GET', recordKey(key))) as string).toMatch(/^\d{16}$/)
    await victim.start()
    await cluster.settled()
  })

  it('a master that is stopped (SIGSTOP) is replaced too, and no call waits longer than its limit', async () => {
    const store = await connected()
    const recorder = await following(store)
    const victim = await cluster.masterOf(stampsKey())
    victim.pause()
    try {
      let slowest = 0
      await waitFor(
        async () => {
          const started = performance.now()
          try {
            return await store.invalidate({ kind: 'stamps', names: ['t:a'] })
          } finally {
            slowest = Math.max(slowest, performance.now() - started)
          }
        },
        { deadlineMs: 20_000, what: 'The fail-over' },
      )
      expect(slowest).toBeLessThan(settings.commandTimeoutMs * 5)
      await waitFor(() => recorder.connected && recorder.versions.length > 0, { deadlineMs: 15_000 })
    } finally {
      victim.resume()
    }
    await cluster.settled()
  })
})
