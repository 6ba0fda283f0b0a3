import { applicationDiscover, platformConfig, systemClock } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { createSource } from '../../src/discovery/create-source.ts'
import { parseServer } from '../../src/discovery/dns/dns-client.ts'

const create = (discover: object, variables: Record<string, string> = {}) =>
  createSource('shop', applicationDiscover.parse(discover), systemClock, { variables })

describe('sources by configuration', () => {
  it('says what each looks up', () => {
    expect(create({ dns: { name: 'shop.internal', port: 80 } }).target).toBe('shop.internal A')
    expect(create({ consul: { service: 'shop', datacenter: 'eu' } }).target).toBe(
      'shop@eu at http://127.0.0.1:8500',
    )
    const inPod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
    expect(create({ kubernetes: { service: 'shop', namespace: 'store' } }, inPod).target).toBe(
      'store/shop at https://[fd00::1]:6443',
    )
  })

  it('refuses what only this machine can tell is wrong, naming the field', () => {
    expect(() => create({ kubernetes: { service: 'shop' } })).toThrow(
      /applications\.shop\.discover\.kubernetes\.address is needed outside of a cluster/,
    )
    expect(() => create({ dns: { name: 'x', port: 1, servers: ['a:b:c'] } })).toThrow(
      /applications\.shop\.discover\.dns\.servers 'a:b:c' is not an address/,
    )
  })

  it.each([
    ['10.0.0.2', { host: '10.0.0.2', port: 53 }],
    ['10.0.0.2:5353', { host: '10.0.0.2', port: 5_353 }],
    ['[fd00::2]:54', { host: 'fd00::2', port: 54 }],
    ['[fd00::2]', { host: 'fd00::2', port: 53 }],
    ['fd00::2', { host: 'fd00::2', port: 53 }],
    ['dns.internal', { host: 'dns.internal', port: 53 }],
    ['10.0.0.2:0', undefined],
    ['10.0.0.2:70000', undefined],
    ['', undefined],
  ])('server %s', (text, server) => {
    expect(parseServer(text)).toEqual(server)
  })

  it.each([
    [
      { command: 'x', discover: { dns: { name: 'a', port: 1 } } },
      /exactly one of `command`, `upstreams` and/,
    ],
    [{}, /exactly one of `command`, `upstreams` and `discover`/],
    [{ discover: {} }, /exactly one of `dns`, `consul` and `kubernetes`/],
    [{ discover: { dns: { name: 'a' } } }, /addresses come without a port/],
    [{ discover: { dns: { name: 'not a name', port: 1 } } }, /a complete host name/],
    [
      { discover: { dns: { name: 'a', port: 1, minTtlMs: 9_000, maxTtlMs: 1_000 } } },
      /larger than `maxTtlMs`/,
    ],
    [{ discover: { consul: { service: 'a', address: 'consul:8500' } } }, /expected an address such as/],
    [{ command: 'x', health: { kind: 'http' } }, /an http check needs a `path`/],
    [{ command: 'x', health: { kind: 'script' } }, /a script check needs a `command`/],
    [{ command: 'x', health: { path: '/', headers: { 'x-a': 'b\r\nc: d' } } }, /one line/],
  ])('configuration %o is refused', (application, message) => {
    expect(() => platformConfig.parse({ applications: { shop: application } })).toThrow(message)
  })
})
