import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import { Fixture } from '../src/testing/index.ts'
import { HostHarness } from './support/host-harness.ts'
import { countryFile } from './support/mmdb.ts'

let fixture: Fixture
let harness: HostHarness
let dir: string
beforeEach(async () => {
  fixture = new Fixture(createGateway)
  harness = new HostHarness()
  dir = await mkdtemp(join(tmpdir(), 'millrace-routes-'))
})
afterEach(async () => {
  await harness.stop()
  await fixture.close()
  await rm(dir, { recursive: true, force: true })
})

it('routes of applications by host and country are the workers’, with a database that is read again', async () => {
  const answering = (text: string): Promise<number> => fixture.backend((_req, res) => res.end(text))
  const database = join(dir, 'country.mmdb')
  await writeFile(database, countryFile({ '203.0.113.0/24': 'AT' }))
  await harness.source.set(
    { id: 'shop/1', port: await answering('shop') },
    { id: 'alps/1', port: await answering('alps') },
    { id: 'assets/1', port: await answering('assets') },
  )
  harness.ports.addRoute({ prefix: '/_millrace/image', pool: 'assets' })
  await harness.start(
    { trustedProxies: ['loopback'], geography: { database } },
    {
      shop: { command: 'unused', routes: [{ path: '/', host: 'shop.example' }] },
      alps: { command: 'unused', routes: [{ path: '/', host: '*.example', countries: ['AT', 'CH'] }] },
    },
  )
  fixture.port = harness.port
  const ask = async (host: string, client = '192.0.2.1', path = '/'): Promise<string> => {
    const { status, text } = await fixture.ask(path, { headers: { host, 'x-forwarded-for': client } })
    return status === 200 ? text : String(status)
  }
  expect(await ask('shop.example')).toBe('shop')
  expect(await ask('shop.example', '192.0.2.1', '/_millrace/image/1')).toBe('assets')
  expect(await ask('other.example', '203.0.113.7')).toBe('alps')
  expect(await ask('other.example', '198.51.100.7')).toBe('404')
  expect(await ask('other.example', '198.51.100.7', '/_millrace/image/1')).toBe('assets')
  await writeFile(`${database}.new`, countryFile({ '198.51.100.0/24': 'CH' }))
  await rename(`${database}.new`, database)
  // It is looked at every ten seconds, by each worker on its own.
  for (let worker = 0; worker < 4; worker++)
    await expect.poll(() => ask('other.example', '198.51.100.7'), { timeout: 15_000 }).toBe('alps')
})

it('a gateway whose country database cannot be read does not start, and says why', async () => {
  await expect(
    harness.start({ geography: { database: join(dir, 'none.mmdb') } }, { shop: { command: 'unused' } }),
  ).rejects.toMatchObject({ code: 'GATEWAY_COUNTRY_DATABASE_INVALID' })
})

it('a split with an application that is not there is said so at the start', async () => {
  const parts = [
    { application: 'shop', share: 100 },
    { application: 'gone', share: 0 },
  ]
  const routes = [{ path: '/', split: { name: 'release', kind: 'canary' as const, parts } }]
  await expect(harness.start({}, { shop: { command: 'unused', routes } })).rejects.toThrow(/gone/)
})
