import { expect, it } from 'vitest'
import { compileTrustedProxies } from '../../src/proxy/trusted-proxies.ts'
import { visitorAddress } from '../../src/proxy/visitor-address.ts'

const trusted = compileTrustedProxies(['10.0.0.0/8', 'loopback'])

it.each([
  ['192.0.2.1', undefined, '192.0.2.1'],
  ['::ffff:192.0.2.1', undefined, '192.0.2.1'],
  ['10.0.0.1', undefined, '10.0.0.1'],
  ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ['10.0.0.1', '2001:db8::1', '2001:db8::1'],
  ['10.0.0.1', '10.0.0.9', '10.0.0.9'],
  ['10.0.0.1', ' , ', '10.0.0.1'],
  [undefined, undefined, 'unknown'],
])('connection %s, said %s: %s', (remote, forwardedFor, expected) => {
  expect(visitorAddress(remote, { forwardedFor }, { trusted })).toBe(expected)
})
