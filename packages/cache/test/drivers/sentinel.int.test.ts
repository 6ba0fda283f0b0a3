import { describe, expect, it } from 'vitest'
import { redisSettings } from '@millrace/core/redis'
import { waitFor } from '@millrace/testing'
import { testSentinel } from '@millrace/testing/redis'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { Recorder, record, versionOf } from '../../src/testing/harness.ts'
import { driverSuite } from '../../src/testing/index.ts'

driverSuite('redis, watched by Sentinels', async () => {
  const redis = await testSentinel()
  const settings = redisSettings.parse({ sentinels: redis.addresses, sentinelMaster: redis.masterName })
  const master = await redis.master()
  return {
    driver: ({ keyspace, ...options }) => createRedisStore({ name: keyspace, settings, ...options }),
    elapse: async () => undefined,
    now: () => Date.now(),
    flush: async () => void (await master.command('FLUSHALL')),
    loseHistory: async (name) =>
      void (await master.command('DEL', `{millrace:${name}}:stamps`, `{millrace:${name}}:log`)),
    stop: () => redis.stop(),
  }
})

describe('redis, watched by Sentinels: fail-over', () => {
  it.each(['killed', 'stopped'])('finds the new master when the old one is %s', async (how) => {
    await using redis = await testSentinel()
    const settings = redisSettings.parse({ sentinels: redis.addresses, commandTimeoutMs: 300 })
    const store = createRedisStore({ name: 'failover', settings })
    await store.connect()
    const recorder = new Recorder()
    await store.follow(recorder)
    const before = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await waitFor(() => recorder.versions.at(-1) === before)
    const master = await redis.master()
    if (how === 'killed') await master.kill()
    else master.pause()

    const version = await waitFor(() => versionOf(store), { deadlineMs: 20_000, what: 'A new master' })
    await waitFor(() => store.write([record('N:a', version)]), { deadlineMs: 10_000 })
    const last = await waitFor(() => store.invalidate({ kind: 'stamps', names: ['t:b'] }))
    // The replica had what the follower had seen: nothing is lost. Had it not, a gap would have told so.
    await waitFor(() => recorder.versions.at(-1) === last, { deadlineMs: 10_000, what: 'The notice' })
    expect((await store.stamps(['t:a'])).stamps).toEqual([before])
    expect(recorder.gaps).toBe(0)
    await store.close()
  })
})
