import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchBrowser } from '@millrace/testing/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let server: Server
let url = ''
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<title>hello</title><script>localStorage.visits = +(localStorage.visits ?? 0) + 1</script>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('launchBrowser', () => {
  it('opens pages, with a profile that nobody used before', async () => {
    const visits: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      const browser = await launchBrowser({ colorScheme, viewport: { width: 640, height: 480 } })
      const page = await browser.newPage()
      await page.goto(url)
      expect(await page.title()).toBe('hello')
      const seen =
        '[localStorage.visits, innerWidth, matchMedia("(prefers-color-scheme: dark)").matches].join()'
      visits.push(await page.evaluate<string>(seen))
      await browser.close()
    }
    expect(visits).toEqual(['1,640,false', '1,640,true'])
  })

  it('says what to install when there is no Chromium', async () => {
    const launched = launchBrowser({ executablePath: '/no/such/chromium' })
    await expect(launched).rejects.toThrow('no Chromium at /no/such/chromium. Install it')
  })
})
