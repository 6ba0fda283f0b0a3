import { coreErrors, type ComponentStatus, type RuntimeLink } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { gatewayConfig } from '../src/config.ts'
import type { BackendStats, PoolStats } from '../src/drivers/driver.ts'
import { gatewayActions } from '../src/actions.ts'
import { statsModel } from '../src/read-models.ts'
import { GatewayService, type HostStats } from '../src/service.ts'
import { mergeStats } from '../src/supervisor/merge-stats.ts'

const backend = (id: string, extra: Partial<BackendStats> = {}): BackendStats => ({
  id,
  address: 'http://127.0.0.1:1',
  state: 'up',
  ejected: false,
  circuit: 'closed',
  admitted: 1,
  latencyMs: 0,
  inFlight: 1,
  requests: 10,
  failures: 0,
  ...extra,
})
const pool = (name: string, backends: BackendStats[], count = 4): PoolStats => ({
  name,
  balance: 'round-robin',
  inFlight: 1,
  queued: 0,
  requests: 10,
  retries: 1,
  // All in the bucket (2^-7, 2^(-55/8)]: about 8 ms.
  duration: { count, sum: 0.03, zeroCount: 0, offset: -56, buckets: [count] },
  backends,
})
const worker = (id: string, state: ComponentStatus['state'] = 'ready'): ComponentStatus => ({
  id,
  kind: 'worker',
  state,
  restarts: 0,
})

function serviceWith(stats: Partial<HostStats>, workers: ComponentStatus[], config = {}) {
  const calls: unknown[] = []
  const runtime: RuntimeLink = {
    connected: true,
    components: () => workers,
    call: async <Result>(_host: string, method: string, params?: unknown) => {
      calls.push([method, params])
      return { connections: 3, inFlight: 2, requests: 20, pools: [], health: [], workers, ...stats } as Result
    },
    onChange: () => () => undefined,
  }
  return { service: new GatewayService({ config: gatewayConfig.parse(config), runtime }), calls }
}

describe('GatewayService', () => {
  it('shows pools, backends with their checks, and workers', async () => {
    const { service } = serviceWith(
      {
        pools: [pool('web', [backend('web/1'), backend('web/2', { state: 'down' })])],
        health: [
          {
            id: 'web/2',
            pool: 'web',
            kind: 'tcp',
            healthy: false,
            message: 'refused',
            latencyMs: 2,
            checkedAt: 5,
            changedAt: 4,
            failures: 3,
          },
        ],
      },
      [worker('gateway/1')],
    )
    const stats = statsModel.parse(await service.stats())
    expect(stats.pools[0]).toMatchObject({ backends: { up: 1, draining: 0, down: 1 } })
    expect(stats.pools[0]!.latency!.p99Ms).toBeGreaterThan(7.8)
    expect(stats.pools[0]!.latency!.p99Ms).toBeLessThan(8.6)
    expect(stats.backends[1]).toMatchObject({ pool: 'web', health: { healthy: false, message: 'refused' } })
  })

  it.each([
    ['healthy', [worker('gateway/1')], [pool('web', [backend('web/1')])]],
    ['degraded', [worker('gateway/1'), worker('gateway/2', 'restarting')], [pool('web', [backend('web/1')])]],
    ['degraded', [worker('gateway/1')], [pool('web', [backend('web/1', { state: 'down' })])]],
    ['degraded', [worker('gateway/1')], [pool('web', [])]],
    ['failed', [worker('gateway/1', 'failed')], [pool('web', [backend('web/1')])]],
  ] as const)('is %s', async (state, workers, pools) => {
    const { service } = serviceWith({ pools: [...pools] }, [...workers])
    expect((await service.health()).state).toBe(state)
  })

  it('names settings that were given and that this version has no feature for', async () => {
    const { service } = serviceWith({}, [], {
      autoScaling: { scaleUpThreshold: 70 },
    })
    expect(service.notInThisVersion().join()).toMatch(/AUTO_SCALING/)
    expect(serviceWith({}, [], { stickySessions: { enabled: true } }).service.notInThisVersion()).toEqual([])
  })

  it('drains and takes back through the supervisor', async () => {
    const { service, calls } = serviceWith({}, [])
    await service.drain('web/1', 5)
    await service.undrain('web/1')
    expect(calls).toEqual([
      ['drain', { backend: 'web/1', timeoutMs: 5 }],
      ['undrain', { backend: 'web/1' }],
    ])
    expect(Object.entries(gatewayActions).map(([name, { effect }]) => `${name} ${effect}`)).toEqual([
      'stats read',
      'config read',
      'health read',
      'drain-backend write',
      'undrain-backend write',
      'close-connection destructive',
      'purge destructive',
      'reload-certificates write',
      'reload-workers write',
      'split-status read',
      'canary-start write',
      'canary-promote write',
      'canary-rollback write',
      'canary-pause write',
      'switch write',
      'explain read',
      'regions read',
      'export read',
    ])
  })

  it('judges other regions by their answers, not by the applications that they have', async () => {
    const region = (name: string, state: 'up' | 'down', why: string | null) => ({
      name,
      state,
      why,
      url: `https://${name}.example`,
      rank: null,
      roundTripMs: null,
      clockSkewMs: null,
      failures: 0,
      answeredAt: null,
      changedAt: null,
      applications: {},
    })
    const health = async (state: 'up' | 'down', why: string | null) => {
      const pools = [
        pool('web', [backend('web/1')]),
        pool('web@regions', [backend('web@us', { state: 'down' })]),
      ]
      const regions = { self: 'eu', mode: 'forward' as const, peers: [region('us', state, why)] }
      return serviceWith({ pools, regions }, [worker('gateway/1')]).service.health()
    }
    expect(await health('up', null)).toMatchObject({ state: 'healthy', message: '1 workers, 1 pools.' })
    const away = await health('down', 'no answer')
    expect(away).toMatchObject({ state: 'degraded', message: 'A region does not answer.' })
    expect(away.checks).toContainEqual({
      name: 'region us',
      state: 'degraded',
      message: 'https://us.example does not answer: no answer',
    })
  })

  it('is degraded, not broken, without a supervisor', async () => {
    const runtime: RuntimeLink = {
      connected: false,
      components: () => [],
      call: async (host, method) => {
        throw coreErrors.RUNTIME_UNAVAILABLE({ host, method, reason: 'there is none' })
      },
      onChange: () => () => undefined,
    }
    const service = new GatewayService({ config: gatewayConfig.parse({}), runtime })
    expect((await service.health()).state).toBe('degraded')
    await expect(service.stats()).rejects.toMatchObject({ code: 'CORE_RUNTIME_UNAVAILABLE' })
  })
})

it('statistics of workers add up', () => {
  const one = {
    connections: 1,
    inFlight: 1,
    requests: 10,
    pools: [pool('web', [backend('web/1', { ejected: true })])],
  }
  const two = { connections: 2, inFlight: 0, requests: 5, pools: [pool('web', [backend('web/1')], 6)] }
  expect(mergeStats([one, two])).toMatchObject({
    connections: 3,
    inFlight: 1,
    requests: 15,
    pools: [
      {
        name: 'web',
        retries: 2,
        duration: { count: 10 },
        backends: [{ id: 'web/1', ejected: false, requests: 20 }],
      },
    ],
  })
  expect(mergeStats([])).toEqual({ connections: 0, inFlight: 0, requests: 0, pools: [] })
})
