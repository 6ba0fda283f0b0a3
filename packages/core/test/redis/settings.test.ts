import { describe, expect, it } from 'vitest'
import { clusterEndpoints, describeAddress, parseAddress, singleOptions } from '../../src/redis/options.ts'
import { redisSettings, redisTopology, settingsFromEnvironment } from '../../src/redis/index.ts'

const problemsOf = (env: Record<string, string>): string => {
  try {
    settingsFromEnvironment(env)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('settingsFromEnvironment', () => {
  it('reads every variable', () => {
    const settings = settingsFromEnvironment({
      REDIS_ENABLED: 'yes',
      REDIS_HOST: 'cache.internal',
      REDIS_PORT: '6380',
      REDIS_USERNAME: 'shop',
      REDIS_PASSWORD: 's3cret',
      REDIS_DB: '3',
      REDIS_TLS: 'true',
      REDIS_SENTINELS: '10.0.0.1:26379, [::1]:26379',
      REDIS_SENTINEL_MASTER: 'main',
      REDIS_SENTINEL_PASSWORD: 'watch',
      PATH: '/usr/bin',
    })
    expect(settings).toMatchObject({
      enabled: true,
      host: 'cache.internal',
      port: 6_380,
      username: 'shop',
      password: 's3cret',
      db: 3,
      tls: true,
      sentinels: ['10.0.0.1:26379', '[::1]:26379'],
      sentinelMaster: 'main',
      sentinelPassword: 'watch',
    })
  })

  it('takes an empty variable for one that is not set', () => {
    expect(settingsFromEnvironment({ REDIS_HOST: '', REDIS_PORT: '' })).toEqual(redisSettings.parse({}))
  })

  it.each([
    [{ REDIS_PORT: 'many' }, 'REDIS_PORT: expected a number'],
    [{ REDIS_PORT: '70000' }, 'REDIS_PORT: '],
    [{ REDIS_ENABLED: 'perhaps' }, 'REDIS_ENABLED: expected true or false'],
    [{ REDIS_URL: 'http://cache' }, 'REDIS_URL: expected an address such as redis://'],
    [{ REDIS_SENTINELS: 'nowhere' }, 'REDIS_SENTINELS: expected host:port'],
    [{ REDIS_CLUSTER_NODES: 'a:1', REDIS_SENTINELS: 'b:2' }, 'set at most one of sentinels'],
    [{ REDIS_CLUSTER_NODES: 'a:1', REDIS_DB: '1' }, 'REDIS_DB: a Redis Cluster has only database 0'],
  ])('%o is refused, by the name of the variable', (env, message) => {
    expect(problemsOf(env)).toContain(message)
  })

  it('tells all problems at once, and never a value', () => {
    const message = problemsOf({ REDIS_URL: 'oops:pass-word', REDIS_PORT: 'x', REDIS_DB: '-1' })
    expect(message).toContain('3 problems')
    expect(message).not.toContain('pass-word')
  })
})

describe('redisTopology', () => {
  it.each([
    [{}, undefined],
    [{ enabled: false, host: 'a' }, undefined],
    [{ host: 'a' }, 'single'],
    [{ url: 'redis://a' }, 'single'],
    [{ host: 'a', sentinels: ['a:1'] }, 'sentinel'],
    [{ url: 'redis://a', clusterNodes: ['a:1'] }, 'cluster'],
  ])('%o is %s', (settings, topology) => {
    expect(redisTopology(redisSettings.parse(settings))).toBe(topology)
  })
})

describe('the options of the client', () => {
  const use = { purpose: 'test' }
  const optionsOf = (settings: object): ReturnType<typeof singleOptions> =>
    singleOptions(redisSettings.parse(settings), use)

  it('take the address first, and what it does not say from the rest', () => {
    expect(optionsOf({ url: 'redis://u%40:p%2F@[::1]:7000/5', host: 'x', password: 'y' })).toMatchObject({
      host: '::1',
      port: 7_000,
      username: 'u@',
      password: 'p/',
      db: 5,
    })
    expect(optionsOf({ url: 'redis://cache', port: 7_001, password: 'y', db: 2 })).toMatchObject({
      host: 'cache',
      port: 7_001,
      password: 'y',
      db: 2,
    })
  })

  it('use TLS when told, or when the address says so', () => {
    expect(optionsOf({ url: 'rediss://cache' }).tls).toEqual({})
    expect(optionsOf({ host: 'cache', tls: true }).tls).toEqual({})
    expect(optionsOf({ host: 'cache' }).tls).toBeUndefined()
  })

  it('queue nothing, send nothing twice, and wait for nothing without a limit', () => {
    expect(optionsOf({ host: 'cache', connectTimeoutMs: 300, commandTimeoutMs: 200 })).toMatchObject({
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      connectTimeout: 300,
      commandTimeout: 200,
      socketTimeout: 400,
    })
    const blocking = singleOptions(redisSettings.parse({ host: 'cache' }), { ...use, blockingMs: 5_000 })
    expect(blocking).toMatchObject({ commandTimeout: 6_000, socketTimeout: 7_000 })
  })

  it('retry with growing delays, at most two seconds', () => {
    const { retryStrategy } = optionsOf({ host: 'cache' })
    const delays = [1, 2, 3, 10, 1_000_000].map((attempt) => Number(retryStrategy!(attempt)))
    expect(delays[0]).toBeGreaterThanOrEqual(50)
    expect(delays[0]).toBeLessThanOrEqual(100)
    expect(Math.max(...delays)).toBeLessThanOrEqual(2_000)
    expect(delays.at(-1)).toBeGreaterThanOrEqual(1_000)
  })
})

describe('addresses', () => {
  it('are split, also those of IPv6', () => {
    expect(parseAddress('cache:6379')).toEqual({ host: 'cache', port: 6_379 })
    expect(parseAddress('[fe80::1]:6379')).toEqual({ host: 'fe80::1', port: 6_379 })
    expect(clusterEndpoints(redisSettings.parse({ clusterNodes: ['a:1', 'b:2'] }))).toHaveLength(2)
  })

  it('are told without credentials', () => {
    const single = redisSettings.parse({ url: 'redis://user:pass@[::1]:7000' })
    expect(describeAddress(single, 'single')).toBe('[::1]:7000')
    const sentinel = redisSettings.parse({ sentinels: ['a:1', 'b:2'], password: 'pass' })
    expect(describeAddress(sentinel, 'sentinel')).toBe("'mymaster' of a:1, b:2")
    const cluster = redisSettings.parse({ clusterNodes: ['a:1', 'b:2'] })
    expect(describeAddress(cluster, 'cluster')).toBe('the Cluster of a:1, b:2')
  })
})
