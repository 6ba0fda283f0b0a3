import { describe, expect, it } from 'vitest'
import { compileTrustedProxies, isLoopback } from '../../src/proxy/trusted-proxies.ts'

describe('trusted proxies', () => {
  it('matches addresses, blocks and loopback in both families', () => {
    const trusted = compileTrustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', 'loopback'])
    const inside = ['10.1.2.3', '192.0.2.7', '2001:db8::1', '127.0.0.2', '::1', '::ffff:127.0.0.1']
    expect(inside.filter((address) => !trusted(address))).toEqual([])
    const outside = ['11.0.0.1', '192.0.2.8', '2001:db9::1', undefined, 'nonsense']
    expect(outside.filter((address) => trusted(address))).toEqual([])
  })

  it('matches nothing by default', () => {
    expect(compileTrustedProxies([])('127.0.0.1')).toBe(false)
  })

  it.each(['10.0.0.0/33', '10.0.0', 'example.com', '10.0.0.0/8/1', '::/129', '10.0.0.0/x'])(
    'refuses %s and says what is accepted',
    (value) => {
      expect(() => compileTrustedProxies([value])).toThrow(/CIDR block such as/)
    },
  )

  it('knows this machine', () => {
    expect(['127.0.0.1', '::1', '127.9.9.9', '::ffff:127.0.0.1'].every(isLoopback)).toBe(true)
    expect(['10.0.0.1', '::2', undefined, '', 'localhost'].some(isLoopback)).toBe(false)
  })
})
