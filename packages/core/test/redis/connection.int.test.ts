import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chaosProxy, waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { createLogger, silentLogger } from '../../src/index.ts'
import { connectRedis, redisSettings, type RedisConnection } from '../../src/redis/index.ts'

let redis: TestRedis
let open: RedisConnection[] = []

function connect(settings: object = {}, logger = silentLogger): RedisConnection {
  const all = {
    host: '127.0.0.1',
    port: redis.server.port,
    commandTimeoutMs: 150,
    connectTimeoutMs: 400,
    ...settings,
  }
  const connection = connectRedis(redisSettings.parse(all), { logger, purpose: 'test' })
  open.push(connection)
  return connection
}

beforeAll(async () => {
  redis = await testRedis()
})
beforeEach(() => redis.server.start())
afterEach(async () => {
  redis.server.resume()
  await Promise.all(open.map((connection) => connection.close()))
  open = []
})
afterAll(() => redis.stop())

describe('connectRedis', () => {
  it('connects, with the name of its purpose', async () => {
    const connection = connect()
    expect(await connection.opened()).toBe(true)
    expect(connection).toMatchObject({ ready: true, topology: 'single', address: redis.server.address })
    expect(String(await redis.server.command('CLIENT', 'LIST'))).toContain('name=millrace:test ')
    expect(connection.masters()).toHaveLength(1)
  })

  it('needs an address', () => {
    expect(() => connect({ enabled: false })).toThrow('No Redis is named')
    expect(() => connectRedis(redisSettings.parse({}), { logger: silentLogger, purpose: 'x' })).toThrow(
      'REDIS_HOST',
    )
  })

  it('rejects at once while there is no server, queues nothing, and connects when there is one', async () => {
    await redis.server.kill()
    const connection = connect()
    expect(await connection.opened()).toBe(false)
    expect(connection.ready).toBe(false)
    await expect(connection.client.set('a', '1')).rejects.toThrow('enableOfflineQueue')
    await redis.server.start()
    await waitFor(() => connection.ready)
    expect(await connection.client.get('a')).toBeNull()
  })

  it('tells of every change, until it is told to stop', async () => {
    const connection = connect()
    await connection.opened()
    const changes: boolean[] = []
    const end = connection.onReady((ready) => changes.push(ready))
    await redis.server.command('CLIENT', 'KILL', 'TYPE', 'normal')
    await waitFor(() => changes.length === 2)
    expect(changes).toEqual([false, true])
    end()
    await redis.server.kill()
    await waitFor(() => !connection.ready)
    expect(changes).toHaveLength(2)
  })

  it('limits commands to a server that hangs, gives up its connection, and makes a new one', async () => {
    const connection = connect()
    await connection.opened()
    redis.server.pause()
    await expect(connection.client.ping()).rejects.toThrow('timed out')
    await waitFor(() => !connection.ready)
    redis.server.resume()
    await waitFor(() => connection.ready)
    expect(await connection.client.ping()).toBe('PONG')
  })

  it('opens within its limit, also when a server accepts and says nothing', async () => {
    await using proxy = await chaosProxy({ target: redis.server.port })
    proxy.blackhole(true)
    const started = performance.now()
    expect(await connect({ port: proxy.port }).opened()).toBe(false)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('speaks TLS to who speaks none: no connection, and no harm', async () => {
    const connection = connect({ tls: true })
    expect(await connection.opened()).toBe(false)
    await expect(connection.client.ping()).rejects.toThrow('enableOfflineQueue')
  })

  it('a blocking duplicate waits longer, and holds nobody up', async () => {
    const connection = connect()
    const blocking = connection.duplicate({ purpose: 'test:blocking', blockingMs: 1_000 })
    open.push(blocking)
    await Promise.all([connection.opened(), blocking.opened()])
    const waiting = blocking.client.blpop('list', 0.5)
    expect(await connection.client.ping()).toBe('PONG')
    expect(await waiting).toBeNull()
  })

  it('closes a connection that is ready, one that hangs and one that never was', async () => {
    const ready = connect()
    await ready.opened()
    await ready.close()
    await expect(ready.client.ping()).rejects.toThrow('closed')
    const hanging = connect()
    await hanging.opened()
    redis.server.pause()
    const pending = hanging.client.ping().then(
      () => 'resolved',
      () => 'rejected',
    )
    const started = performance.now()
    await hanging.close()
    expect(await pending).toBe('rejected')
    const never = connect({ port: 1 })
    await never.opened()
    await never.close()
    await never.close()
    expect(performance.now() - started).toBeLessThan(4_000)
  })
})

describe('the log', () => {
  it('says once that a server is away, says when it is back, and never a password', async () => {
    const lines: string[] = []
    const logger = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
    await redis.server.kill()
    const connection = connect({ password: 'do-not-tell' }, logger)
    await connection.opened()
    // Several attempts.
    const attempts = { count: 0 }
    connection.client.on('error', () => attempts.count++)
    await waitFor(() => attempts.count >= 3)
    expect(lines.filter((line) => line.includes('ECONNREFUSED'))).toHaveLength(1)
    await redis.server.start()
    await redis.server.command('CONFIG', 'SET', 'requirepass', 'do-not-tell')
    await waitFor(() => connection.ready)
    await redis.server.kill()
    expect(lines.filter((line) => line.includes('is back'))).toHaveLength(1)
    expect(lines.join('')).not.toContain('do-not-tell')
  })

  it('tells a refused password as an error of the settings', async () => {
    await using locked = await testRedis({ settings: { requirepass: 'right-one' } })
    const wrong = connect({ port: locked.server.port, password: 'wrong-one' })
    const error = await wrong.opened().catch((reason: Error) => reason)
    expect(error).toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringContaining('WRONGPASS') as string,
    })
    expect(JSON.stringify(error)).not.toContain('wrong-one')
  })
})
