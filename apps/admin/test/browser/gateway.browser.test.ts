import { waitFor } from '@millrace/testing'
import { launchBrowser } from '@millrace/testing/browser'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGatewayPlatform, type GatewayPlatform } from '../fixtures/gateway-platform.ts'
import { openPanel, seriousViolations, signInOnce, type PanelPage } from '../fixtures/panel-page.ts'

let platform: GatewayPlatform
let browser: BrowserContext
let panel: PanelPage

beforeAll(async () => {
  ;[platform, browser] = await Promise.all([
    startGatewayPlatform(),
    launchBrowser({ viewport: { width: 1440, height: 1000 } }),
  ])
  await signInOnce(browser, platform.plane.url)
})
afterAll(async () => {
  await browser?.close()
  await platform?.dispose()
})
beforeEach(async () => {
  panel = await openPanel(browser, platform.plane.url, '/admin/gateway/pools')
  await panel.page.getByRole('region', { name: 'Pool shop', exact: true }).waitFor()
  return () => panel.page.close()
})

const open = (screen: string): Promise<unknown> =>
  panel.page.goto(`${platform.plane.url}/admin/gateway/${screen}`)
const row = (page: Page, text: string | RegExp): Locator => page.getByRole('row').filter({ hasText: text })

/** Presses the button of an action, runs it, and closes what it answered; or takes it back. */
async function perform(page: Page, button: string, then: 'Close' | 'Undo' = 'Close'): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText(/^Done in/).waitFor()
  await dialog.getByRole('button', { name: then, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

test('the overview shows rates, the heatmap and what is open, and is accessible', async () => {
  const { page, complaints, foreign } = panel
  await open('overview')
  await page.getByRole('img', { name: /^Latency heatmap,.*p99: now/ }).waitFor()
  const tile = (name: string): Locator =>
    page.getByRole('region', { name, exact: true }).first().getByTestId('tile-value')
  await waitFor(async () => Number(await tile('Requests').textContent()) > 5, { what: 'A rate of requests' })
  await waitFor(async () => Number(await tile('Connections').textContent()) > 0, { what: 'Connections' })
  await page.getByRole('img', { name: /^Requests by pool,.*shop: now/ }).waitFor()
  expect(await seriousViolations(page)).toEqual([])
  expect([...complaints, ...foreign]).toEqual([])
})

test('a backend is drained by a click, seen as draining, and taken back by undo', async () => {
  const { page, complaints } = panel
  const backend = row(page, 'shop/1')
  await backend.getByText('up', { exact: true }).waitFor()
  await perform(page, 'Drain shop/1')
  await backend.getByText('draining').waitFor()
  await page.getByText('2 of 3 up').waitFor()
  await perform(page, 'Take back shop/1')
  await backend.getByText('up', { exact: true }).waitFor()
  await perform(page, 'Drain shop/2', 'Undo')
  await row(page, 'shop/2').getByText('up', { exact: true }).waitFor()
  await page.getByText('3 of 3 up').waitFor()
  expect(await seriousViolations(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('a canary is started, paused, promoted and rolled back by clicks; blue-green is switched', async () => {
  const { page, complaints } = panel
  await open('splits')
  const release = page.getByRole('region', { name: 'Split release' })
  const share = (part: string): Locator =>
    release
      .getByRole('region', { name: 'Parts of release' })
      .getByRole('row')
      .filter({ hasText: part })
      .getByRole('cell')
      .nth(1)
  await release.getByText('idle', { exact: true }).waitFor()
  await perform(page, 'Start (release)')
  await release.getByText('running', { exact: true }).waitFor()
  await waitFor(async () => (await share('shop-next').textContent()) === '10%', { what: 'A share of 10%' })
  await release.getByText(/of at least 10m in this step/).waitFor()
  await waitFor(
    async () =>
      (
        await release
          .getByRole('row', { name: /shop-next/ })
          .first()
          .textContent()
      )?.includes('ms'),
    {
      what: 'A latency of the canary',
    },
  )
  expect(await seriousViolations(page)).toEqual([])
  await perform(page, 'Pause (release)')
  await release.getByText('paused', { exact: true }).waitFor()
  await perform(page, 'Promote (release)')
  await waitFor(async () => (await share('shop-next').textContent()) === '100%', { what: 'A share of 100%' })
  await perform(page, 'Roll back (release)')
  await waitFor(async () => (await share('shop-next').textContent()) === '0%', { what: 'A share of 0%' })
  const decisions = release.getByRole('region', { name: 'Decisions about release' })
  await waitFor(async () => (await decisions.getByRole('row').count()) === 5, { what: 'Four decisions' })

  const index = page.getByRole('region', { name: 'Split index' })
  await perform(page, 'Switch to search-green (index)')
  await index.getByRole('button', { name: 'Switch to search (index)' }).waitFor()
  expect(complaints).toEqual([])
})

test('open connections are seen with their request, searched, and cut off after a confirmation', async () => {
  const { page, complaints } = panel
  const visitor = platform.visit('/wait/for-it?token=secret')
  let closed = false
  visitor.on('close', () => void (closed = true))
  await open('connections')
  const waiting = row(page, '/wait/for-it')
  await waiting.getByText(/is being answered/).waitFor()
  expect(await waiting.textContent()).not.toContain('secret')
  await page.keyboard.press('/')
  await page.keyboard.type('wait answered')
  await waitFor(async () => (await page.getByRole('row').count()) === 2, { what: 'One row' })
  expect(await seriousViolations(page)).toEqual([])
  await waiting.getByRole('button', { name: /^Close the connection of/ }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByRole('button', { name: 'Run' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Type close-connection to confirm').fill('close-connection')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText(/^Done in/).waitFor()
  await waitFor(() => closed, { what: 'A visitor that is cut off' })
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByText('Nothing matches.').waitFor()
  const audit = (await platform.plane.api('GET', '/api/audit?limit=5')) as { entries: { action: string }[] }
  expect(audit.entries.map(({ action }) => action)).toContain('gateway.close-connection')
  expect(complaints).toEqual([])
})

test('a request is explained: routes, part, backends, cache, and what would be sent', async () => {
  const { page, complaints } = panel
  await open('explain?url=/search?q=1')
  await page.getByLabel('URL').fill('nonsense')
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('https://shop.example/cart, or only /cart').waitFor()
  await page.getByLabel('URL').fill('https://shop.example/products/7')
  await page.getByLabel('Headers').fill('cookie: a=1')
  await page.getByRole('button', { name: 'Explain' }).click()
  const routes = page.getByRole('region', { name: 'Routes looked at' })
  await routes.getByRole('row', { name: /shop chosen/ }).waitFor()
  await page
    .getByRole('region', { name: 'Backends looked at' })
    .getByRole('row', { name: /^shop\/3 yes/ })
    .waitFor()
  await page
    .getByRole('region', { name: 'Request for the backend' })
    .getByRole('row', { name: /cookie a=1/ })
    .waitFor()
  expect(new URL(page.url()).searchParams.get('url')).toBe('https://shop.example/products/7')
  expect(await seriousViolations(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('the addresses of the load balancer’s documentation answer', async () => {
  const ask = (action: string): Promise<unknown> =>
    platform.plane.api('GET', `/api/optimization/load-balancer?action=${action}`)
  expect(await ask('config')).toMatchObject({ config: { balance: 'round-robin', workers: 2 } })
  expect(await ask('stats')).toMatchObject({ pools: expect.arrayContaining([]), backends: expect.any(Array) })
  expect(await ask('health')).toMatchObject({ state: expect.any(String), checks: expect.any(Array) })
  expect(await platform.plane.api('GET', '/api/gateway/edge')).toEqual({ tls: null, regions: null })
})

test('the last requests come from the access log, with their trace, and can be searched', async () => {
  const { page, complaints } = panel
  await open('requests?q=products/7')
  await row(page, '/products/7').first().waitFor()
  await waitFor(async () => (await row(page, '/cart').count()) === 0, { what: 'Only what is searched' })
  await row(page, '/products/7')
    .first()
    .getByText(/^[\da-f]{8}…$/)
    .waitFor()
  expect(await seriousViolations(page)).toEqual([])
  expect(complaints).toEqual([])
})
