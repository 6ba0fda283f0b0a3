import { platformConfig, type HostPorts, type Instance, type ServiceRoute } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { gatewayConfig } from '../../src/config.ts'
import { checkTable } from '../../src/drivers/check-table.ts'
import { healthSettings, TableSource } from '../../src/supervisor/table-source.ts'

const instance = (id: string, extra: Partial<Instance> = {}): Instance => ({
  id,
  pool: id.split('/')[0]!,
  host: '127.0.0.1',
  port: 4_000,
  weight: 1,
  state: 'ready',
  ...extra,
})
const portsWith = (instances: Instance[], routes: ServiceRoute[] = []): HostPorts =>
  ({ all: () => [{ list: () => instances }], routes: () => routes }) as unknown as HostPorts

const source = (applications: object, instances: Instance[], routes: ServiceRoute[] = []) =>
  new TableSource(
    gatewayConfig.parse({}),
    platformConfig.parse({ applications }),
    portsWith(instances, routes),
  )

describe('TableSource', () => {
  it('gives everything to the only application, and to several what their routes say', () => {
    const one = source({ shop: { command: 'x' } }, [instance('shop/1')]).build(() => true)
    expect(one.table.routes).toEqual([{ prefix: '/', pool: 'shop' }])
    const two = source(
      { shop: { command: 'x', routes: [{ path: '/shop', stripPrefix: true }] }, worker: { command: 'y' } },
      [],
    ).build(() => true)
    expect(two.table.routes).toEqual([{ prefix: '/shop', pool: 'shop', stripPrefix: true }])
    expect(two.table.pools.map(({ name }) => name)).toEqual(['shop', 'worker'])
  })

  it('a host in other letters is the same host to internal services', () => {
    const { table } = source(
      {
        shop: {
          command: 'x',
          routes: [
            { path: '/a', host: 'Shop.example' },
            { path: '/b', host: 'shop.example' },
          ],
        },
      },
      [],
      [{ prefix: '/admin', pool: 'control-plane' }],
    ).build(() => true)
    expect(() => checkTable(table)).not.toThrow()
    expect(table.routes.filter(({ prefix }) => prefix === '/admin')).toHaveLength(2)
  })

  it('takes ready and draining instances, and health', () => {
    const { table } = source({ shop: { command: 'x', balance: 'least-connections' } }, [
      instance('shop/1'),
      instance('shop/2', { state: 'draining' }),
      instance('shop/3', { state: 'starting' }),
      instance('shop/4'),
      instance('shop/5', { state: 'failed' }),
    ]).build((id) => id !== 'shop/4')
    expect(table.pools[0]!.balance).toBe('least-connections')
    expect(table.pools[0]!.backends.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'shop/1 up',
      'shop/2 draining',
      'shop/4 down',
    ])
  })

  it('an application’s limits are those of its routes and instances, and of no other', () => {
    const rateLimit = { perSecond: 5, burst: 10 }
    const { table } = source(
      {
        shop: { command: 'x', rateLimit, maxConnections: 7, routes: [{ path: '/' }, { path: '/shop' }] },
        blog: { command: 'x', routes: [{ path: '/blog' }] },
      },
      [instance('shop/1'), instance('blog/1')],
    ).build(() => true)
    expect(table.routes.map((route) => route.rateLimit)).toEqual([
      { ...rateLimit, by: 'client' },
      { ...rateLimit, by: 'client' },
      undefined,
    ])
    expect(table.pools.map(({ backends }) => backends[0]!.maxConnections)).toEqual([7, undefined])
  })

  it('adds internal services, unless an application has their prefix', () => {
    const { table, conflicts } = source(
      { shop: { command: 'x', routes: [{ path: '/' }, { path: '/api/' }] } },
      [instance('shop/1'), instance('assets/1')],
      [
        { prefix: '/_millrace/image', pool: 'assets' },
        { prefix: '/admin', pool: 'control-plane', access: 'loopback' },
        { prefix: '/api', pool: 'control-plane', access: 'loopback' },
      ],
    ).build(() => true)
    expect(conflicts).toEqual(['/api'])
    expect(table.routes.slice(2)).toEqual([
      { prefix: '/_millrace/image', pool: 'assets' },
      { prefix: '/admin', pool: 'control-plane', access: 'loopback' },
    ])
    // Its pool exists even while nothing stands behind it, so that the answer is 503 and not 404.
    expect(table.pools.find(({ name }) => name === 'control-plane')).toEqual({
      name: 'control-plane',
      backends: [],
      // Nor is it cached: what is Millrace's own says itself what may be kept.
      cache: false,
    })
  })

  it('speaks TLS to https upstreams, and refuses addresses with a path', () => {
    const secure = source({ shop: { upstreams: ['https://example.org'] } }, [
      instance('shop/1', { host: 'example.org', port: 443 }),
    ])
    expect(secure.build(() => true).table.pools[0]!.backends[0]!.protocol).toBe('https')
    expect(() => source({ shop: { upstreams: ['http://example.org/base'] } }, [])).toThrow(/has a path/)
  })

  it('an application’s own health settings win over the gateway’s', () => {
    const config = gatewayConfig.parse({ health: { intervalMs: 30_000, timeoutMs: 1_000, path: '/healthz' } })
    const { applications } = platformConfig.parse({
      applications: {
        plain: { command: 'x' },
        own: { command: 'x', health: { path: '/up', intervalMs: 500 } },
      },
    })
    expect(healthSettings(config, applications.plain)).toMatchObject({
      path: '/healthz',
      intervalMs: 30_000,
      timeoutMs: 1_000,
      unhealthyAfter: 3,
    })
    expect(healthSettings(config, applications.own)).toMatchObject({
      path: '/up',
      intervalMs: 500,
      timeoutMs: 1_000,
    })
    expect(healthSettings(config, undefined)).toMatchObject({ path: undefined, intervalMs: 30_000 })
  })
})
