import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processIdentity } from '@millrace/core/process'
import { waitFor } from '../src/index.ts'
import { testRedis, testRedisCluster, testSentinel, type TestRedisCluster } from '../src/redis/index.ts'

const folderOf = async (server: { command: (...args: [string, string, string]) => Promise<unknown> }) =>
  ((await server.command('CONFIG', 'GET', 'dir')) as string[])[1]!

describe('testRedis', () => {
  it('starts a server with settings, answers commands, and removes everything', async () => {
    const redis = await testRedis({ settings: { maxmemory: '3mb' } })
    const folder = await folderOf(redis.server)
    expect(await redis.server.command('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '3145728'])
    expect(await redis.server.info('redis_version')).toMatch(/^\d+\.\d+/)
    expect(await redis.server.info('no_such_field')).toBeUndefined()
    const { pid } = redis.server
    await redis.stop()
    expect(existsSync(folder)).toBe(false)
    expect(processIdentity(pid!)).toBeUndefined()
    await redis.stop()
  })

  it('kills, starts again, pauses and resumes', async () => {
    await using redis = await testRedis()
    await redis.server.command('SET', 'a', '1')
    await redis.server.kill()
    expect(redis.server.pid).toBeUndefined()
    await redis.server.start()
    expect(await redis.server.command('GET', 'a')).toBeNull()
    redis.server.pause()
    await expect(redis.server.command('GET', 'a')).rejects.toThrow('timed out')
    redis.server.resume()
    await waitFor(() => redis.server.command('PING'))
    redis.server.pause()
  })

  it('says why a server did not start', async () => {
    await expect(testRedis({ settings: { maxmemory: 'much' } })).rejects.toThrow(
      'argument must be a memory value',
    )
  })

  it('leaves no server behind when the test process is killed', async () => {
    const script = `
      import { testRedis } from ${JSON.stringify(new URL('../src/redis/index.ts', import.meta.url).href)}
      const { server } = await testRedis()
      console.log(server.pid)
      setInterval(() => {}, 1000)`
    const child = spawn(
      process.execPath,
      ['--conditions=millrace:source', '--input-type=module', '-e', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    expect(processIdentity(Number(line))).toBeDefined()
    child.kill('SIGKILL')
    await waitFor(() => processIdentity(Number(line)) === undefined)
  })
})

describe('testSentinel', () => {
  it('makes the replica master when the master is killed', async () => {
    await using sentinel = await testSentinel()
    const before = await sentinel.master()
    expect(before).toBe(sentinel.servers[0])
    await before.kill()
    await waitFor(async () => (await sentinel.master()) === sentinel.servers[1], { deadlineMs: 20_000 })
    await waitFor(async () => (await sentinel.servers[1]!.info('role')) === 'master')
  })
})

describe('testRedisCluster', () => {
  let cluster: TestRedisCluster
  beforeAll(async () => {
    cluster = await testRedisCluster()
  })
  afterAll(() => cluster.stop())

  it('has three masters that share the slots, and a replica for each', async () => {
    expect(cluster.servers).toHaveLength(6)
    expect(await cluster.masters()).toEqual(cluster.servers.slice(0, 3))
    const master = await cluster.masterOf('some-key')
    await master.command('SET', 'some-key', 'here')
    expect(await master.info('connected_slaves')).toBe('1')
  })

  it('replaces a master that was killed', async () => {
    const master = await cluster.masterOf('some-key')
    await master.kill()
    await cluster.settled()
    const successor = await cluster.masterOf('some-key')
    expect(successor).not.toBe(master)
    expect(await successor.command('GET', 'some-key')).toBe('here')
  })
})
