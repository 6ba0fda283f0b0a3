import { describe, expect, it } from 'vitest'
import {
  redisSettings,
  redisVariables,
  settingsFromEnvironment,
  type RedisSettings,
} from '../../src/redis/index.ts'

const settings = (given: Partial<RedisSettings>): RedisSettings => redisSettings.parse(given)

describe('redisVariables', () => {
  it.each<Partial<RedisSettings>>([
    { host: 'cache.internal' },
    { url: 'rediss://user:p%40ss@cache.internal:6390/4' },
    { host: '::1', port: 6_380, username: 'shop', password: 'wo rd=,"', db: 2, tls: true },
    { sentinels: ['a:26379', '[::1]:26379'], sentinelMaster: 'main', sentinelPassword: 'word' },
    { clusterNodes: ['a:7000', 'b:7001'], password: 'word' },
  ])('are read again as the same settings: %o', (given) => {
    expect(settingsFromEnvironment(redisVariables(settings(given)))).toEqual(settings(given))
  })

  it('say nothing when no Redis is named, and that it is switched off', () => {
    expect(redisVariables(settings({}))).toEqual({})
    expect(redisVariables(settings({ enabled: false, host: 'x', password: 'word' }))).toEqual({
      REDIS_ENABLED: 'false',
    })
  })
})
