import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { millrace, PlatformProcess } from './platform-process.ts'

/** Says what it is told of Redis, and has its answers cached in front. */
const APPLICATION = `
  require('http').createServer((request, response) => {
    const told = Object.entries(process.env).filter(
      // Where the tests find the server is no business of the platform's.
      ([name]) => name.startsWith('REDIS_') && name !== 'REDIS_SERVER_PATH',
    )
    response.setHeader('cache-control', 'public, max-age=60')
    response.end(JSON.stringify(Object.fromEntries(told)))
  }).listen(process.env.PORT)`

let folder: string
let redis: TestRedis
let config: object
beforeAll(async () => {
  redis = await testRedis({ settings: { requirepass: 'redis-word' } })
  folder = mkdtempSync(join(tmpdir(), 'millrace-redis-'))
  writeFileSync(join(folder, 'application.cjs'), APPLICATION)
  config = {
    applications: {
      shop: { command: 'node application.cjs', agent: false, routes: [{ path: '/' }] },
      own: {
        command: 'node application.cjs',
        agent: false,
        env: { REDIS_HOST: 'its-own.internal' },
        routes: [{ path: '/own' }],
      },
    },
    redis: { host: '127.0.0.1', port: redis.server.port, password: 'redis-word' },
  }
  writeFileSync(join(folder, 'millrace.config.json'), JSON.stringify(config))
})
afterAll(async () => {
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Check {
  name: string
  state: string
}

it('keeps the password of Redis to itself', async () => {
  const { code, stdout } = await millrace(['config', 'print'], folder, {
    REDIS_SENTINEL_PASSWORD: 'sentinel-word',
  })
  expect(code).toBe(0)
  expect(stdout).toContain('redis')
  expect(stdout).not.toMatch(/redis-word|sentinel-word/)
})

it('hands Redis on, uses it, shows it, and goes on without it', async () => {
  await using platform = await PlatformProcess.up([], { folder })
  const ask = async (path: string) =>
    (await fetch(platform.url(path), { signal: AbortSignal.timeout(10_000) })).json()
  expect(await ask('/')).toEqual({
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.server.port),
    REDIS_PASSWORD: 'redis-word',
  })
  // Whoever has a Redis of its own is not given half of another one.
  expect(await ask('/own')).toEqual({ REDIS_HOST: 'its-own.internal' })

  const status = JSON.parse((await platform.run('status', '--json')).stdout) as { dependencies: Check[] }
  expect(status.dependencies).toMatchObject([
    { name: 'database', state: 'healthy' },
    { name: 'redis', state: 'healthy', latencyMs: expect.any(Number) },
  ])
  const control = readFileSync(join(folder, '.millrace/run/control.json'), 'utf8')
  const { url } = JSON.parse(control) as { url: string }
  const redisIs = async (state: string): Promise<boolean> => {
    const { checks } = (await (await fetch(`${url}/health/ready`)).json()) as { checks: Check[] }
    return checks.find(({ name }) => name === 'redis')?.state === state
  }
  const keys = async () => (await redis.server.command('KEYS', '*')) as string[]
  // Jobs of the control plane, and what the gateway's workers share.
  await waitFor(async () => (await keys()).includes('{millrace:jobs}:queues'))
  await waitFor(async () => (await keys()).some((key) => key.includes('http')))

  await redis.server.kill()
  for (let n = 0; n < 20; n++) expect(await ask(`/?n=${n}`)).toHaveProperty('REDIS_HOST')
  await waitFor(() => redisIs('degraded'), { deadlineMs: 15_000 })
  const { code, stdout } = await platform.run('status')
  expect([code, stdout]).toEqual([1, expect.stringMatching(/redis\s+degraded\s+[\d.]+ ms/)])
  await redis.server.start()
  await waitFor(() => redisIs('healthy'), { deadlineMs: 15_000 })
})
