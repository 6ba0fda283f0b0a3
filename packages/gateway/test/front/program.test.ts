import { expect, it } from 'vitest'
import { caddyConfiguration, type FrontSettings } from '../../src/front/caddy-config.ts'
import { messageOf } from '../../src/front/log-line.ts'
import { checkVersion, findCaddy } from '../../src/front/program.ts'

it.each(['v2.6.2 h1:abc=', '2.6.2', 'v2.10.0'])('Caddy %s will do', (version) => {
  expect(() => checkVersion('caddy', version)).not.toThrow()
})

it.each(['2.5.2', 'v1.0.5', 'v3.0.0', 'something'])('%s will not do', (version) => {
  expect(() => checkVersion('caddy', version)).toThrow('cannot be the gateway')
})

it('a program that is nowhere is named, with its package', () => {
  expect(() => findCaddy('/no/such/caddy')).toThrow('apt-get install caddy')
  expect(() => findCaddy('no-such-caddy', '')).toThrow('no-such-caddy')
})

it('why it did not start is in its last lines', () => {
  expect(messageOf('run: loading initial config: loading new config: tls: no certificate')).toBe(
    'loading new config: tls: no certificate',
  )
  expect(messageOf('{"level":"error","msg":"x","error":"why"}')).toBe('why')
  expect(messageOf('{"level":"info","msg":"x"}')).toBeUndefined()
})

const settings: FrontSettings = {
  host: '::1',
  port: 443,
  upstream: { host: '::1', port: 3_000 },
  certificates: [],
  minVersion: '1.3',
  defaultName: 'localhost',
  trustedProxies: [],
  countryHeader: undefined,
  headersMs: 10_000,
  keepAliveMs: 65_000,
  headerBytes: 16_384,
}

it('asks nobody for certificates, listens on one port only, and keeps to its own folder', () => {
  const { apps, admin, storage } = JSON.parse(
    caddyConfiguration(settings, { socket: '/data/a.sock', storage: '/data/storage', directory: '/data' }),
  ) as Record<string, Record<string, Record<string, unknown>>>
  expect(admin).toMatchObject({ listen: 'unix//data/a.sock', config: { persist: false } })
  expect(storage).toEqual({ module: 'file_system', root: '/data/storage' })
  expect(apps!['tls']).toMatchObject({
    disable_ocsp_stapling: true,
    automation: { policies: [{ issuers: [{ module: 'internal' }] }] },
  })
  expect(apps!['pki']).toEqual({ certificate_authorities: { local: { install_trust: false } } })
  expect(apps!['http']!['servers']).toMatchObject({
    front: {
      listen: ['[::1]:443'],
      automatic_https: { disable: true },
      tls_connection_policies: [{ protocol_min: 'tls1.3' }],
    },
  })
})
