import { describe, expect, it } from 'vitest'
import { createPorts, PORT_PROVIDERS, type Cache } from '../../src/index.ts'

const cache = {} as Cache

describe('createPorts', () => {
  it('gives what was provided, until it is withdrawn', () => {
    const ports = createPorts()
    expect(ports.find('cache')).toBeUndefined()
    ports.provide('cache', cache)
    expect(ports.get('cache')).toBe(cache)
    expect(ports.find('cache')).toBe(cache)
    ports.withdraw('cache')
    expect(ports.find('cache')).toBeUndefined()
    ports.provide('cache', cache)
    expect(ports.get('cache')).toBe(cache)
  })

  it('names the capability that would provide a missing port', () => {
    const names = Object.keys(PORT_PROVIDERS) as (keyof typeof PORT_PROVIDERS)[]
    for (const name of names) {
      expect(() => createPorts().get(name)).toThrow(`'${PORT_PROVIDERS[name]}' capability`)
    }
    expect(() => createPorts().get('imageOptimizer')).toThrow(
      expect.objectContaining({ code: 'CORE_PORT_MISSING', status: 503, expose: true }),
    )
  })

  it('refuses a second provider', () => {
    const ports = createPorts()
    ports.provide('cache', cache)
    expect(() => ports.provide('cache', cache)).toThrow(expect.objectContaining({ code: 'CORE_PORT_TAKEN' }))
  })
})
