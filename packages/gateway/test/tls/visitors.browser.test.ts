import { launchBrowser } from '@millrace/testing/browser'
import { afterEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { CertificateFolder, makeCertificate } from '../../src/testing/certificates.ts'
import { Fixture } from '../../src/testing/index.ts'

const folder = new CertificateFolder()
const fixture = new Fixture(createGateway)
afterEach(async () => {
  await fixture.close()
  folder.remove()
})

it('a browser speaks HTTP/2 with the TLS port', async () => {
  const port = await fixture.backend((req, res) => {
    res.setHeader('content-type', req.url === '/a.js' ? 'text/javascript' : 'text/html')
    res.end(
      req.url === '/a.js' ? 'document.title = "loaded"' : '<!doctype html><script src="/a.js"></script>',
    )
  })
  const certificates = [folder.write('localhost', makeCertificate(['localhost']))]
  await fixture.start(port, { tls: { enabled: true, port: 0, certificates } })
  const browser = await launchBrowser({ anyCertificate: true })
  try {
    const page = await browser.newPage()
    await page.goto(`https://localhost:${fixture.tlsPort}/`)
    await page.waitForFunction(() => document.title === 'loaded')
    const protocols = await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(
        (entry) => (entry as PerformanceResourceTiming).nextHopProtocol,
      ),
    )
    expect(protocols.slice(0, 2)).toEqual(['h2', 'h2'])
  } finally {
    await browser.close()
  }
})
