import { platformConfig, type PlatformConfig } from '@millrace/core'
import { expect, it } from 'vitest'
import { gatewayOrigin } from '../../src/platform/origin.ts'

it.each([
  ['127.0.0.1', 3_000, 'http://127.0.0.1:3000'],
  ['0.0.0.0', 80, 'http://127.0.0.1:80'],
  ['::', 8_080, 'http://[::1]:8080'],
  ['::1', 8_080, 'http://[::1]:8080'],
  ['shop.internal', 443, 'http://shop.internal:443'],
])('the gateway on %s port %i is reached at %s', (host, port, expected) => {
  const platform = { ...platformConfig.parse({}), gateway: { host, port } } as PlatformConfig
  expect(gatewayOrigin(platform)).toBe(expected)
})

it('is the default address when there is no gateway', () => {
  expect(gatewayOrigin(platformConfig.parse({}))).toBe('http://127.0.0.1:3000')
})
