import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { allocatePort } from '@millrace/core/process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { HostHarness } from '../support/host-harness.ts'

let fixture: Fixture
let harness: HostHarness
beforeEach(() => {
  fixture = new Fixture(createGateway)
  harness = new HostHarness()
})
afterEach(async () => {
  await harness.stop()
  await fixture.close()
})

const program = process.env.CADDY_PATH || 'caddy'

/** As somebody does who trusts the authority that Caddy made for this machine. */
const ask = (port: number, ca: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host: 'localhost', port, ca, agent: false, timeout: 10_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => resolve(text))
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
    outgoing.on('error', reject)
    outgoing.end()
  })

it('one setting is enough: a certificate for this machine is made, and nobody is asked for it', async () => {
  const backend = await fixture.backend((req, res) => res.end(String(req.headers['x-forwarded-proto'])))
  await harness.source.set({ id: 'app/1', port: backend })
  const port = await allocatePort()
  await harness.start({ front: { kind: 'caddy', program, port } }, { app: { command: 'unused' } })
  expect(
    harness.part
      .status()
      .map(({ id, state, address }) => [id, state, address])
      .at(-1),
  ).toEqual(['gateway/front', 'ready', `https://127.0.0.1:${port}`])
  const ca = await readFile(join(harness.dataDir, 'front/storage/pki/authorities/local/root.crt'))
  expect(await ask(port, ca)).toBe('https')
})

it('a front that is not there stops the start, and nothing is left of it', async () => {
  const port = await allocatePort()
  const started = harness.start({ port, front: { kind: 'caddy', program: '/nowhere/caddy' } }, {})
  await expect(started).rejects.toMatchObject({ code: 'GATEWAY_FRONT_MISSING' })
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
})

it('the engine haproxy refuses regions by name', async () => {
  const peers = [{ name: 'us', url: 'http://127.0.0.1:9' }]
  const regions = { self: 'eu', secret: 'a secret of all the regions', peers }
  const started = harness.start({ engine: 'haproxy', regions }, { app: { command: 'unused' } })
  await expect(started).rejects.toMatchObject({
    code: 'GATEWAY_TABLE_INVALID',
    message: expect.stringContaining("pool 'app': 'regions' is not a feature of the engine 'haproxy'"),
  })
})
