import { describe, expect, it } from 'vitest'
import { gatewayConfig } from '../src/config.ts'

const problems = (value: object): string[] => {
  const { error } = gatewayConfig.safeParse(value)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('ports of the gateway', () => {
  it('are different ones, where they are used', () => {
    expect(problems({ port: 3_443 })).toEqual([])
    expect(problems({ tls: { port: 3_000 }, front: { port: 3_000 } })).toEqual([])
    expect(problems({ port: 3_443, tls: { enabled: true } })).toEqual([
      'tls.port: 3443 is the port of gateway.port as well: choose another',
    ])
    expect(problems({ tls: { enabled: true }, front: { kind: 'caddy' } })).toEqual([
      'front.port: 3443 is the port of gateway.tls.port as well: choose another',
    ])
  })

  it('may be the same on two addresses, but not where one is all of them', () => {
    const both = { tls: { enabled: true }, front: { kind: 'caddy', host: '127.0.0.2' } }
    expect(problems(both)).toEqual([])
    expect(problems({ ...both, host: '0.0.0.0' })).toHaveLength(1)
  })

  it('are chosen freely where they are 0', () => {
    const any = { port: 0, tls: { enabled: true, port: 0 }, front: { kind: 'caddy', port: 0 } }
    expect(problems(any)).toEqual([])
  })
})
