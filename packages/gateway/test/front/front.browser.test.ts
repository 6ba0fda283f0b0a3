import { createHash, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launchBrowser } from '@millrace/testing/browser'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { FrontFixture } from './front-fixture.ts'

let fixture: Fixture
let front: FrontFixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
  front = new FrontFixture()
})
afterEach(async () => {
  await front.close()
  await fixture.close()
})

const protocolOf = (kind: 'navigation' | 'resource'): string =>
  `performance.getEntriesByType('${kind}').map((entry) => entry.nextHopProtocol).join()`

it('a browser gets a page, what it loads, and an upload’s answer over HTTP/3', async () => {
  let uploaded = 0
  const backend = await fixture.backend((req, res) => {
    if (req.method === 'POST') {
      req.on('data', (chunk: Buffer) => (uploaded += chunk.length))
      req.on('end', () => res.end(String(uploaded)))
      return
    }
    const script = req.url === '/script.js'
    res.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    res.end(script ? 'window.loaded = true' : '<title>shop</title><script src="/script.js"></script>')
  })
  await fixture.start(backend, { trustedProxies: ['loopback'] })
  await front.start(fixture.port)
  const { publicKey } = new X509Certificate(await readFile(join(front.directory, 'certificate.pem')))
  const keySha256 = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
  const origin = `127.0.0.1:${front.front.port}`
  const browser = await launchBrowser({ quic: { origin, keySha256 } })
  try {
    const page = await browser.newPage()
    await page.goto(`https://${origin}/`)
    expect(await page.title()).toBe('shop')
    expect(await page.evaluate<string>(protocolOf('navigation'))).toBe('h3')
    const resources = await page.evaluate<string>(protocolOf('resource'))
    expect(new Set(resources.split(','))).toEqual(new Set(['h3']))
    const upload = `fetch('/', { method: 'POST', body: new Uint8Array(300000) }).then((answer) => answer.text())`
    expect(await page.evaluate<string>(upload)).toBe('300000')
  } finally {
    await browser.close()
  }
})
