import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applicationDiscover, systemClock } from '@millrace/core'
import { waitFor } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConsulSource, nextIndex, type ConsulSettings } from '../../src/discovery/consul/consul-source.ts'
import { Collector } from '../support/collect.ts'
import { ConsulFixture } from '../support/consul-server.ts'

describe('Consul discovery', () => {
  let server: ConsulFixture
  let collector: Collector
  beforeEach(async () => {
    server = new ConsulFixture()
    await server.start()
    collector = new Collector()
  })
  afterEach(async () => {
    await collector.stop()
    await server.stop()
  })
  const settings = (more: Partial<ConsulSettings> = {}): ConsulSettings => ({
    ...applicationDiscover.parse({ consul: { service: 'shop', address: server.address } }).consul!,
    ...more,
  })
  const follow = (more: Partial<ConsulSettings> = {}, environment = {}): Collector =>
    collector.follow(new ConsulSource(settings(more), systemClock, environment))
  const answers = (count = 1): Promise<boolean> => waitFor(() => collector.found.length >= count)

  it('takes the service’s address or else its node’s, and its weight', async () => {
    server.set(
      'shop',
      { id: 'a', address: '10.0.0.1', port: 8_080, weights: { Passing: 3, Warning: 1 } },
      { id: 'b', port: 8_081, node: '10.2.0.1' },
      { id: 'c', address: '10.0.0.3', port: 8_080, checks: ['passing', 'critical'] },
      { id: 'd', address: '10.0.0.4', port: 0 },
    )
    follow()
    await answers()
    expect(collector.found[0]).toEqual([
      { host: '10.0.0.1', port: 8_080, weight: 3 },
      { host: '10.2.0.1', port: 8_081, weight: 1 },
    ])
  })

  it('with warnings as well: by their weight, and never what is critical', async () => {
    server.set(
      'shop',
      { id: 'a', address: '10.0.0.1', port: 80, weights: { Passing: 10, Warning: 2 }, checks: ['warning'] },
      { id: 'b', address: '10.0.0.2', port: 80, weights: { Passing: 10, Warning: 0 }, checks: ['warning'] },
      { id: 'c', address: '10.0.0.3', port: 80, checks: ['warning', 'critical'] },
    )
    follow({ passing: false })
    await answers()
    expect(collector.found[0]).toEqual([{ host: '10.0.0.1', port: 80, weight: 2 }])
  })

  it('hears of a change while it waits, and asks with the index of the last answer', async () => {
    server.set('shop', { id: 'a', address: '10.0.0.1', port: 80 })
    follow()
    await waitFor(() => server.blocked === 1)
    server.set('shop', { id: 'b', address: '10.0.0.2', port: 80 })
    await waitFor(() => collector.last === '10.0.0.2:80')
    await waitFor(() => server.blocked === 1)
    expect(server.asked.map((path) => new URL(path, server.address).searchParams.get('index'))).toEqual([
      null,
      '11',
      '12',
    ])
    expect(server.asked[1]).toContain('wait=60000ms')
  })

  it('a wait that ends without a change is an answer like any other', async () => {
    server.set('shop', { id: 'a', address: '10.0.0.1', port: 80 })
    follow({ waitMs: 50 })
    await answers(3)
    expect(collector.failures).toEqual([])
    expect(new Set(collector.found.map((list) => list.length))).toEqual(new Set([1]))
  })

  it('an index that goes backwards starts anew', async () => {
    server.set('shop', { id: 'a', address: '10.0.0.1', port: 80 })
    follow()
    await waitFor(() => server.blocked === 1)
    server.services.set('shop', [{ id: 'b', address: '10.0.0.2', port: 80 }])
    server.change(3)
    await waitFor(() => collector.last === '10.0.0.2:80')
    await waitFor(() => server.blocked === 1)
    expect(server.asked.map((path) => new URL(path, server.address).searchParams.get('index'))).toEqual([
      null,
      '11',
      null,
      '3',
    ])
  })

  it.each([
    [0, '7', 7],
    [7, '7', 7],
    [7, '8', 8],
    [7, '3', 0],
    [7, '0', 0],
    [0, '0', 1],
    [0, undefined, 1],
    [0, 'junk', 1],
    [0, '-4', 0],
  ])('after %s the index %s makes %s', (previous, header, next) => {
    expect(nextIndex(previous, header)).toBe(next)
  })

  it('names tags, datacenter and service as they are', async () => {
    server.set('web & more', { id: 'a', address: '10.0.0.1', port: 80, tags: ['v1', 'blue green'] })
    follow({ service: 'web & more', tags: ['v1', 'blue green'], datacenter: 'eu-1' })
    await answers()
    expect(collector.last).toBe('10.0.0.1:80')
    const { searchParams, pathname } = new URL(server.asked[0]!, server.address)
    expect(pathname).toBe('/v1/health/service/web%20%26%20more')
    expect(searchParams.getAll('tag')).toEqual(['v1', 'blue green'])
    expect(searchParams.get('dc')).toBe('eu-1')
  })

  it('sends its token, from the file as it is now or from the environment', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-gateway-'))
    const tokenFile = join(dir, 'token')
    try {
      server.token = 'second'
      server.set('shop', { id: 'a', address: '10.0.0.1', port: 80 })
      writeFileSync(tokenFile, 'first\n')
      follow({ tokenFile })
      await waitFor(() => collector.failures.length > 0)
      expect(collector.failures[0]).toMatch(/refuses the token: Permission denied/)
      expect(collector.failures[0]).not.toContain('first')
      writeFileSync(tokenFile, 'second\n')
      await answers()
    } finally {
      rmSync(dir, { recursive: true })
    }
    const other = new Collector().follow(
      new ConsulSource(settings(), systemClock, { CONSUL_HTTP_TOKEN: 'second' }),
    )
    await waitFor(() => other.found.length > 0)
    await other.stop()
    expect(other.failures).toEqual([])
  })

  it.each([
    ['an error', { status: 500, text: 'No cluster leader' }, /500: No cluster leader/],
    ['no JSON', { status: 200, text: '<html>' }, /expected array/],
    ['another JSON', { status: 200, text: '[{"Service":{}}]' }, /Node/],
  ])('%s is a failure, after which it asks anew', async (_name, failure, message) => {
    server.set('shop', { id: 'a', address: '10.0.0.1', port: 80 })
    server.failure = failure
    follow()
    await waitFor(() => collector.failures.length > 0)
    expect(collector.failures[0]).toMatch(message)
    server.failure = undefined
    await answers()
  })

  it('a connection that is cut while it waits is a failure, after which it asks anew', async () => {
    server.set('shop', { id: 'a', address: '10.0.0.1', port: 80 })
    follow()
    await waitFor(() => server.blocked === 1)
    server.cut()
    await waitFor(() => collector.failures.length === 1)
    await answers(2)
    expect(server.asked.at(-1)).not.toContain('index')
  })
})
