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
  it('has a master, a replica that follows it, and Sentinels that name the master', async () => {
    await using sentinel = await testSentinel()
    const [master, replica] = sentinel.servers
    expect(await sentinel.master()).toBe(master)
    expect(sentinel.addresses).toHaveLength(3)
    await master!.command('SET', 'a', '1')
    await waitFor(async () => (await replica!.command('GET', 'a')) === '1')
    expect(await replica!.info('role')).toBe('slave')
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
