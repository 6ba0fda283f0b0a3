import { platformConfig, type HostPorts, type Instance, type RuntimeLink } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { gatewayConfig } from '../../src/config.ts'
import type { DiscoveryStatus } from '../../src/discovery/discovery.ts'
import { statsModel } from '../../src/read-models.ts'
import { GatewayService } from '../../src/service.ts'
import { healthSettings, TableSource } from '../../src/supervisor/table-source.ts'

const applications = (shop: object) => platformConfig.parse({ applications: { shop } })
const instance = (id: string, more: Partial<Instance> = {}): Instance => ({
  id,
  pool: 'shop',
  host: '10.0.0.1',
  port: 443,
  weight: 1,
  state: 'ready',
  ...more,
})

describe('what is looked up, in the table', () => {
  const build = (discover: object, list: Instance[], down: string[] = []) => {
    const ports = { all: () => [{ list: () => list }], routes: () => [] } as unknown as HostPorts
    const source = new TableSource(gatewayConfig.parse({}), applications({ discover }), ports)
    return source.build((id) => !down.includes(id)).table.pools[0]!.backends
  }

  it('has the protocol and the zone that it is to have', () => {
    const consul = { service: 'shop' }
    expect(build({ consul, protocol: 'https' }, [instance('shop/a', { zone: 'eu-1a' })])).toMatchObject([
      { protocol: 'https', zone: 'eu-1a', state: 'up' },
    ])
    expect(build({ consul }, [instance('shop/a')])[0]).toMatchObject({ protocol: 'http' })
  })

  it('has the next priority once the first is down', () => {
    const list = [instance('shop/a', { priority: 1 }), instance('shop/b', { priority: 2 })]
    const ids = (down: string[]): string[] =>
      build({ consul: { service: 'shop' } }, list, down).map(({ id, state }) => `${id} ${state}`)
    expect(ids([])).toEqual(['shop/a up'])
    expect(ids(['shop/a'])).toEqual(['shop/b up'])
    expect(ids(['shop/a', 'shop/b'])).toEqual(['shop/a down'])
  })

  it('the gateway’s path of health checks is not for an application with a script', () => {
    const config = gatewayConfig.parse({ health: { path: '/alive' } })
    const { applications: apps } = applications({ command: 'x', cwd: '/srv', health: { command: 'check' } })
    expect(healthSettings(config, apps['shop'])).toMatchObject({
      path: undefined,
      command: 'check',
      cwd: '/srv',
    })
  })
})

describe('what is looked up, in the control plane', () => {
  const status: DiscoveryStatus = {
    pool: 'shop',
    source: 'consul',
    target: 'shop at http://127.0.0.1:8500',
    state: 'ok',
    backends: 2,
    draining: 0,
    answeredAt: 1,
    changedAt: 1,
    error: undefined,
    failures: 0,
  }
  const service = (discovery: DiscoveryStatus[]): GatewayService => {
    const runtime: RuntimeLink = {
      connected: true,
      components: () => [{ id: 'gateway/1', kind: 'worker', state: 'ready', restarts: 0 }],
      call: async <Result>() =>
        ({
          connections: 0,
          inFlight: 0,
          requests: 0,
          pools: [],
          health: [],
          workers: [],
          discovery,
        }) as Result,
      onChange: () => () => undefined,
    }
    return new GatewayService({ config: gatewayConfig.parse({}), runtime })
  }

  it('is shown with its reason, and a failing source makes the gateway degraded', async () => {
    expect(statsModel.parse(await service([status]).stats()).discovery).toEqual([status])
    expect((await service([status]).health()).state).toBe('healthy')
    const failing = service([{ ...status, state: 'failing', error: 'No cluster leader', failures: 3 }])
    expect(await failing.health()).toMatchObject({
      state: 'degraded',
      checks: [
        { name: 'workers' },
        { name: 'discovery shop', state: 'degraded', message: 'consul: 2 backends; No cluster leader' },
      ],
    })
    expect((await service([]).stats()).discovery).toBeUndefined()
  })
})
