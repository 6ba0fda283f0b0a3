import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisSettings, type RedisSettings } from '@millrace/core/redis'
import { chaosProxy, waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import type { SharedStore } from '../../src/drivers/driver.ts'
import { createRedisStore, redisKeyspaces } from '../../src/drivers/redis/index.ts'
import { Recorder, record, texts, versionOf } from '../../src/testing/harness.ts'

const LIMIT_MS = 150
let redis: TestRedis
let open: SharedStore[] = []

const settingsOf = (port: number, more: object = {}): RedisSettings =>
  redisSettings.parse({ host: '127.0.0.1', port, commandTimeoutMs: LIMIT_MS, connectTimeoutMs: 500, ...more })

function storeAt(port: number, more: object = {}): SharedStore {
  const store = createRedisStore({ name: 'faults', settings: settingsOf(port, more) })
  open.push(store)
  return store
}

async function connected(): Promise<SharedStore> {
  const store = storeAt(redis.server.port)
  await store.connect()
  return store
}

async function following(store: SharedStore): Promise<Recorder> {
  const recorder = new Recorder()
  await store.follow(recorder)
  await waitFor(() => recorder.connected)
  return recorder
}

const unavailable = { code: 'CACHE_STORE_UNAVAILABLE' }

beforeAll(async () => {
  redis = await testRedis()
})
beforeEach(async () => {
  await redis.server.start()
  await redis.server.command('FLUSHALL')
})
afterEach(async () => {
  redis.server.resume()
  await Promise.all(open.map((store) => store.close()))
  open = []
})
afterAll(() => redis.stop())

describe('a server that is stopped (SIGSTOP)', () => {
  it('fails calls within the time limit, and everything goes on when it runs again', async () => {
    const [store, other] = [await connected(), await connected()]
    const recorder = await following(store)
    redis.server.pause()
    const started = performance.now()
    await expect(store.read(['N:a'], [])).rejects.toMatchObject(unavailable)
    await expect(store.write([record('N:a', 1)])).rejects.toMatchObject(unavailable)
    expect(performance.now() - started).toBeLessThan(LIMIT_MS * 10)
    await waitFor(() => recorder.connected === false)
    redis.server.resume()
    await waitFor(() => store.ping())
    await waitFor(() => recorder.connected)
    const version = await other.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.at(-1) === version)
    expect(recorder.gaps).toBe(0)
  })

  it('is closed as quickly as any other', async () => {
    const store = await connected()
    await following(store)
    redis.server.pause()
    const outcome = store.ping().then(
      () => 'resolved',
      (error: { code: string }) => error.code,
    )
    const started = performance.now()
    await store.close()
    expect(performance.now() - started).toBeLessThan(3_000)
    expect(await outcome).toMatch(/^CACHE_STORE_/)
  })
})

describe('a server that is killed', () => {
  it('rejects at once; when it is back without its memory, followers hear of a gap and old records are stale', async () => {
    const store = await connected()
    const recorder = await following(store)
    const before = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.length === 1)
    await redis.server.kill()
    await expect(store.ping()).rejects.toMatchObject(unavailable)
    await waitFor(() => recorder.connected === false)
    await redis.server.start()
    await waitFor(() => store.ping())
    await waitFor(() => recorder.gaps === 1)
    expect(recorder.connected).toBe(true)
    expect((await store.stamps([])).floor).toBeGreaterThan(before)
  })
})

describe('scripts', () => {
  it('are loaded again after SCRIPT FLUSH', async () => {
    const store = await connected()
    const version = await versionOf(store)
    await store.write([record('N:a', version)])
    await redis.server.command('SCRIPT', 'FLUSH')
    const keys = ['N:a', 'N:b', 'N:c']
    expect(await store.write(keys.map((key) => record(key, version)))).toEqual([true, true, true])
    await redis.server.command('SCRIPT', 'FLUSH')
    expect(await store.sweep('N:*', new AbortController().signal)).toBe(3)
    await redis.server.command('SCRIPT', 'FLUSH')
    expect(await store.lock('N:a', 'A', 1_000)).toBe(true)
  })

  it('travel by their hash: once in full per connection', async () => {
    const store = await connected()
    const version = await versionOf(store)
    await redis.server.command('CONFIG', 'RESETSTAT')
    for (let index = 0; index < 5; index++) await store.write([record(`N:${index}`, version)])
    const stats = String(await redis.server.command('INFO', 'commandstats'))
    expect(stats).toMatch(/cmdstat_eval:calls=1,/)
    expect(stats).toMatch(/cmdstat_evalsha:calls=4,/)
  })
})

describe('one round trip', () => {
  it('a read is one MGET and one ZMSCORE, whatever the number of keys and tags', async () => {
    const store = await connected()
    await versionOf(store)
    await redis.server.command('CONFIG', 'RESETSTAT')
    await store.read(['N:a', 'N:b', 'N:c'], ['t:a', 't:b', 't:c', 't:d', '*'])
    const stats = String(await redis.server.command('INFO', 'commandstats'))
    const calls = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(
      ([, name, count]) => `${name} ${count}`,
    )
    expect(calls.filter((call) => !/^(config|info)/.test(call)).toSorted()).toEqual(['mget 1', 'zmscore 1'])
  })

  it('an invalidation by key is one script', async () => {
    const store = await connected()
    await store.invalidate({ kind: 'keys', keys: ['N:0'] })
    await redis.server.command('CONFIG', 'RESETSTAT')
    await store.invalidate({ kind: 'keys', keys: ['N:a', 'N:b'] })
    const stats = String(await redis.server.command('INFO', 'commandstats'))
    expect(stats).toMatch(/cmdstat_evalsha:calls=1,/)
    expect(stats).not.toMatch(/cmdstat_eval:/)
  })
})

describe('a server that is full', () => {
  it('noeviction: writes fail, reads and invalidations work', async () => {
    await using full = await testRedis({ settings: { 'maxmemory-policy': 'noeviction' } })
    const store = storeAt(full.server.port)
    await store.connect()
    const recorder = await following(store)
    const version = await versionOf(store)
    await store.write([record('N:a', version), record('N:b', version)])
    await full.server.command('CONFIG', 'SET', 'maxmemory', '1mb')
    await expect(store.write([record('N:c', version)])).rejects.toMatchObject({ code: 'CACHE_STORE_FULL' })
    await store.invalidate({ kind: 'keys', keys: ['N:a'] })
    const stamped = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    expect(await texts(store, 'N:a', 'N:b')).toEqual([undefined, 'N:b'])
    await waitFor(() => recorder.versions.at(-1) === stamped)
    expect(await store.sweep('N:*', new AbortController().signal)).toBe(1)
    await full.server.command('CONFIG', 'SET', 'maxmemory', '0')
    expect(await store.write([record('N:c', stamped)])).toEqual([true])
  })

  it('allkeys-lru: goes on, and when the stamps were evicted, everything older is stale', async () => {
    await using full = await testRedis({ settings: { maxmemory: '4mb', 'maxmemory-policy': 'allkeys-lru' } })
    const store = storeAt(full.server.port)
    await store.connect()
    const before = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    const payload = Buffer.alloc(20_000, 'x')
    for (let index = 0; index < 300; index++) {
      await store.write([{ key: `N:${index}`, version: before, payload, ttlMs: 60_000 }])
    }
    expect(Number(await full.server.info('evicted_keys'))).toBeGreaterThan(0)
    await full.server.command('DEL', '{millrace:faults}:stamps')
    const { floor, records } = await store.read(['N:299'], ['t:a'])
    expect(records[0]?.version).toBe(before)
    expect(floor).toBeGreaterThan(before)
  })

  it('keeps no more stamps and no more of the log than it should', async () => {
    const store = createRedisStore({
      name: 'bounded',
      settings: settingsOf(redis.server.port),
      maxStamps: 50,
      maxNotices: 100,
    })
    open.push(store)
    await store.connect()
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          store.invalidate({ kind: 'stamps', names: [`t:${round}-${index}`] }),
        ),
      )
    }
    expect(await redis.server.command('ZCARD', '{millrace:bounded}:stamps')).toBeLessThanOrEqual(53)
    // Redis trims whole nodes of a hundred entries.
    expect(await redis.server.command('XLEN', '{millrace:bounded}:log')).toBeLessThan(300)
  })
})

describe('a follower that was away', () => {
  it('for a while: goes on where it was, without a gap', async () => {
    await using proxy = await chaosProxy({ target: redis.server.port })
    const [store, writer] = [storeAt(proxy.port), await connected()]
    await store.connect()
    const recorder = await following(store)
    const issued = [await writer.invalidate({ kind: 'stamps', names: ['t:a'] })]
    await waitFor(() => recorder.versions.length === 1)
    proxy.refuse(true)
    proxy.reset()
    await waitFor(() => recorder.connected === false)
    for (const key of ['N:a', 'N:b', 'N:c'])
      issued.push(await writer.invalidate({ kind: 'keys', keys: [key] }))
    proxy.restore()
    await waitFor(() => recorder.versions.length === 4)
    expect(recorder.versions).toEqual(issued)
    expect(recorder.gaps).toBe(0)
  })

  it('for too long: hears of a gap, and of everything after it', async () => {
    await using proxy = await chaosProxy({ target: redis.server.port })
    const store = createRedisStore({ name: 'gap', settings: settingsOf(proxy.port) })
    const writer = createRedisStore({ name: 'gap', settings: settingsOf(redis.server.port), maxNotices: 10 })
    open.push(store, writer)
    await Promise.all([store.connect(), writer.connect()])
    const recorder = await following(store)
    await writer.invalidate({ kind: 'stamps', names: ['t:before'] })
    await waitFor(() => recorder.versions.length === 1)
    proxy.refuse(true)
    proxy.reset()
    await waitFor(() => recorder.connected === false)
    await Promise.all(
      Array.from({ length: 400 }, (_, index) => writer.invalidate({ kind: 'stamps', names: [`t:${index}`] })),
    )
    proxy.restore()
    await waitFor(() => recorder.connected)
    await waitFor(() => recorder.gaps === 1)
    const { floor } = await writer.stamps([])
    const last = await writer.invalidate({ kind: 'stamps', names: ['t:last'] })
    await waitFor(() => recorder.versions.at(-1) === last)
    // The log was trimmed, nothing was lost: records need not become stale.
    expect(floor).toBeLessThan(recorder.versions[0]!)
  })
})

describe('a fail-over that lost the last writes', () => {
  const KEPT = ['{millrace:faults}:stamps', '{millrace:faults}:log'] as const
  const copy = async (from: string, to: string): Promise<void> => {
    for (const key of KEPT) await redis.server.command('COPY', `${key}${from}`, `${key}${to}`, 'REPLACE')
  }

  it('is noticed by whoever saw them: a gap, and what was stored before is stale for all', async () => {
    const store = await connected()
    const recorders = [await following(store), await following(await connected())]
    await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await copy('', ':before')
    const lost = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorders.every(({ versions }) => versions.length === 2))
    await copy(':before', '')
    await waitFor(() => recorders.every(({ gaps }) => gaps === 1))
    const { floor } = await store.stamps([])
    expect(floor).toBeGreaterThan(lost)
    const next = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorders.every(({ versions }) => versions.at(-1) === next))
    // Once is enough, however many noticed.
    expect((await store.stamps([])).floor).toBe(floor)
    expect(recorders.map(({ gaps }) => gaps)).toEqual([1, 1])
  })

  it('is noticed also when there is news already', async () => {
    const store = await connected()
    const recorder = await following(store)
    await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await copy('', ':before')
    const lost = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.length === 2)
    await copy(':before', '')
    const next = await store.invalidate({ kind: 'stamps', names: ['t:b'] })
    await waitFor(() => recorder.versions.at(-1) === next)
    expect(recorder.gaps).toBe(1)
    expect(await waitFor(async () => (await store.stamps([])).floor > lost)).toBe(true)
  })

  it('a lost log alone is a gap for who was behind, and none for who had read it all', async () => {
    const store = await connected()
    const recorder = await following(store)
    await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.length === 1)
    const { floor } = await store.stamps([])
    await redis.server.command('DEL', KEPT[1])
    const next = await store.invalidate({ kind: 'stamps', names: ['t:b'] })
    await waitFor(() => recorder.versions.at(-1) === next)
    expect(recorder.gaps).toBe(0)
    await redis.server.command('DEL', KEPT[0])
    const last = await store.invalidate({ kind: 'stamps', names: ['t:c'] })
    await waitFor(() => recorder.versions.at(-1) === last)
    expect(recorder.gaps).toBe(0)
    expect((await store.stamps([])).floor).toBeGreaterThan(floor)
  })
})

describe('a master that became a replica', () => {
  it('refuses writes until there is a master again, and then everything works without help', async () => {
    await using second = await testRedis()
    const store = await connected()
    const recorder = await following(store)
    const version = await versionOf(store)
    await redis.server.command('REPLICAOF', '127.0.0.1', second.server.port)
    await expect(store.write([record('N:a', version)])).rejects.toMatchObject(unavailable)
    await redis.server.command('REPLICAOF', 'NO', 'ONE')
    await waitFor(async () => (await store.write([record('N:a', await versionOf(store))]))[0])
    await waitFor(() => recorder.connected)
    const last = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.at(-1) === last)
  })
})

describe('a server that answers nonsense', () => {
  let server: Server
  let reply: Buffer
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => void socket.write(reply))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(async () => {
    server.close()
    await once(server, 'close')
  })

  it.each([
    ['bytes of another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['random bytes', Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 167) % 256))],
    ['integers', Buffer.from(':1\r\n:2\r\n:3\r\n')],
    ['an endless array', Buffer.from('*1000000\r\n$5\r\nhello\r\n')],
    ['status lines', Buffer.from('+OK\r\n+OK\r\n+OK\r\n+OK\r\n')],
  ])('%s: calls reject, the process lives, and it closes', async (_, bytes) => {
    reply = bytes
    const store = storeAt((server.address() as AddressInfo).port)
    await store.connect()
    await expect(store.read(['N:a'], ['t:a'])).rejects.toMatchObject(unavailable)
    await expect(store.invalidate({ kind: 'stamps', names: ['t:a'] })).rejects.toMatchObject(unavailable)
    await store.close()
  })

  it('records that are none of ours are misses, and give way', async () => {
    const store = await connected()
    const version = await versionOf(store)
    const rubbish = ['', 'x', 'x'.repeat(40), '12345', `${'9'.repeat(15)}x-payload`]
    for (const [index, value] of rubbish.entries()) {
      await redis.server.command('SET', `millrace:faults:N:${index}`, value)
    }
    const keys = rubbish.map((_, index) => `N:${index}`)
    expect(await texts(store, ...keys)).toEqual(keys.map(() => undefined))
    expect(await store.write(keys.map((key) => record(key, version)))).toEqual(keys.map(() => true))
    expect(await texts(store, ...keys)).toEqual(keys)
  })

  it('a notice that cannot be read is a gap', async () => {
    const store = await connected()
    const recorder = await following(store)
    const version = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.length === 1)
    await redis.server.command(
      'XADD',
      '{millrace:faults}:log',
      `${version + 1}-0`,
      'p',
      version,
      'o',
      'x',
      'w',
      '{"kind":"?"}',
    )
    expect(await waitFor(() => recorder.gaps)).toBe(1)
  })
})

describe('settings that cannot be right', () => {
  it('a wrong password is refused, and not repeated in the message', async () => {
    await using locked = await testRedis({ settings: { requirepass: 'right-one' } })
    const wrong = storeAt(locked.server.port, { password: 'wrong-one' })
    const error = await wrong.connect().catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'REDIS_REFUSED' })
    expect((error as Error).message).not.toContain('wrong-one')
    await expect(storeAt(locked.server.port).connect()).rejects.toMatchObject({ code: 'REDIS_REFUSED' })
    const right = storeAt(locked.server.port, { password: 'right-one' })
    await right.connect()
    expect((await right.ping()).servers).toBe(1)
  })

  it('a database that is not there is refused', async () => {
    await expect(storeAt(redis.server.port, { db: 99 }).connect()).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
    })
  })

  it('a server without Cluster mode is no Cluster', async () => {
    const store = storeAt(redis.server.port, { clusterNodes: [redis.server.address] })
    await expect(store.connect()).rejects.toMatchObject({ code: 'REDIS_REFUSED' })
  })

  it.each(['', 'a b', 'x'.repeat(65), 'a/b', '{a}'])('%j is no name', (name) => {
    expect(() => createRedisStore({ name, settings: settingsOf(1) })).toThrow('name is')
  })
})

describe('a user with rights of its own', () => {
  it('needs those in docs/guide/cache-redis.md, and no more keys than those of caches', async () => {
    const rules =
      'on >word resetkeys ~millrace:* ~{millrace:* resetchannels -@all +@connection +@scripting +@read +@write +info +time +cluster|slots +cluster|info'
    await redis.server.command('ACL', 'SETUSER', 'cache', ...rules.split(' '))
    const store = storeAt(redis.server.port, { username: 'cache', password: 'word' })
    await store.connect()
    const recorder = await following(store)
    const version = await versionOf(store)
    expect(await store.write([record('N:a', version), record('N:b', version)])).toEqual([true, true])
    const last = await store.invalidate({ kind: 'keys', keys: ['N:a'] })
    await waitFor(() => recorder.versions.at(-1) === last)
    expect((await store.list('*', { limit: 10, maxScanned: 1_000 })).keys).toEqual(['N:b'])
    expect(await store.sweep('N:*', new AbortController().signal)).toBe(1)
    expect(await store.lock('N:a', 'A', 1_000)).toBe(true)
    expect(await store.extend('N:a', 'A', 1_000)).toBe(true)
    await store.unlock('N:a', 'A')
    expect((await store.ping()).usedBytes).toBeGreaterThan(0)
    await redis.server.command('ACL', 'DELUSER', 'cache')
  })
})

describe('keyspaces', () => {
  it('are found, and a driver for each works over one connection', async () => {
    for (const name of ['one', 'two', 'three']) {
      const store = createRedisStore({ name, settings: settingsOf(redis.server.port) })
      open.push(store)
      await store.connect()
      await store.write([record('N:a', await versionOf(store), name)])
    }
    const keyspaces = redisKeyspaces(settingsOf(redis.server.port))
    try {
      expect((await keyspaces.discover(10)).names.toSorted()).toEqual(['one', 'three', 'two'])
      expect(await keyspaces.discover(2)).toMatchObject({ more: true })
      const [one, two] = [keyspaces.driver('one'), keyspaces.driver('two')]
      await Promise.all([one.connect(), two.connect()])
      expect(await texts(one, 'N:a')).toEqual(['one'])
      await one.close()
      expect(await texts(two, 'N:a')).toEqual(['two'])
      await two.close()
    } finally {
      await keyspaces.close()
    }
    await expect(keyspaces.discover(1)).rejects.toMatchObject(unavailable)
  })
})
