import { waitFor } from '@millrace/testing'
import { launchBrowser } from '@millrace/testing/browser'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { runCachedApplication, type CachedApplication } from '../fixtures/cached-application.ts'
import { startControlPlane, TELEMETRY_TOKEN, type ControlPlane } from '../fixtures/control-plane.ts'
import { openPanel, seriousViolations, signInOnce, type PanelPage } from '../fixtures/panel-page.ts'

let redis: TestRedis
let plane: ControlPlane
let application: CachedApplication
let browser: BrowserContext
let panel: PanelPage

beforeAll(async () => {
  redis = await testRedis()
  ;[plane, browser] = await Promise.all([
    startControlPlane({ config: { redis: { url: redis.url } } }),
    launchBrowser({ viewport: { width: 1280, height: 1000 } }),
  ])
  vi.stubEnv('REDIS_URL', redis.url)
  application = runCachedApplication({
    url: plane.url,
    token: TELEMETRY_TOKEN,
    name: 'shop',
    processes: 2,
  })
  await signInOnce(browser, plane.url)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await browser?.close()
  await application?.stop()
  await plane?.dispose()
  await redis?.stop()
})
beforeEach(async () => {
  panel = await openPanel(browser, plane.url, '/admin/performance/caching')
  await panel.page.getByRole('region', { name: 'Tier Memory' }).waitFor()
  return () => panel.page.close()
})

const tier = (page: Page, name: string) => page.getByRole('region', { name: `Tier ${name}` })

test('the tab shows what the caches of an application do, in memory and in Redis', async () => {
  const { page, complaints } = panel
  const chart = page.getByRole('img', { name: /^Hit ratio by tier,/ })
  await chart.waitFor()
  expect(await chart.getAttribute('aria-label')).toMatch(/now [\d.]+%/)
  const ratio = page.getByRole('region', { name: 'Hit ratio', exact: true }).getByTestId('tile-value')
  await waitFor(async () => Number(await ratio.textContent()) > 0, { what: 'A hit ratio' })

  await tier(page, 'Memory')
    .getByText(/^shop, 2 processes, \d+ entries$/)
    .waitFor()
  await tier(page, 'Redis').getByText('up', { exact: true }).waitFor()
  await tier(page, 'Redis')
    .getByText(/^closed in all \d processes$/)
    .waitFor()
  const row = page.getByRole('region', { name: 'Namespaces' }).getByRole('row', { name: /PRODUCTS/ })
  await row.waitFor()
  expect(complaints).toEqual([])
})

test('a purge is looked at, confirmed, and empties every process; the choice is in the address', async () => {
  const { page, complaints } = panel
  await page.getByRole('button', { name: 'Purge PRODUCTS of shop' }).click()
  const dialog = page.getByRole('dialog', { name: 'Purge caches' })
  expect(new URL(page.url()).searchParams.get('what')).toBe('PRODUCTS')
  await page.reload()
  expect(await dialog.getByLabel('Namespace').inputValue()).toBe('PRODUCTS')

  const before = application.caches.map((cache) => cache.entry('PRODUCTS', '7')?.ageMs ?? Infinity)
  await dialog.getByRole('button', { name: 'Show what would go' }).click()
  const preview = dialog.getByRole('region', { name: 'What would go' })
  await preview
    .getByRole('row', { name: /^Redis of shop/ })
    .getByText(/^\d+$/)
    .waitFor()
  await preview
    .getByRole('row', { name: /^memory of shop/ })
    .getByText(/^about \d+$/)
    .waitFor()
  await dialog.getByText(/Some of the keys/).click()
  await dialog
    .getByText(/^PRODUCTS:\d+$/)
    .first()
    .waitFor()
  const run = dialog.getByRole('button', { name: 'Purge', exact: true })
  expect(await run.isDisabled()).toBe(true)
  expect(await seriousViolations(page)).toEqual([])
  expect(Math.max(...before)).toBeGreaterThan(0)

  await dialog.getByLabel('Type purge to confirm').fill('purge')
  await run.click()
  const result = dialog.getByRole('region', { name: 'What was purged' })
  await result
    .getByRole('row', { name: /^Redis of shop/ })
    .getByText('purged')
    .waitFor()
  // Loaded anew since: younger than it was.
  await waitFor(
    () =>
      application.caches.every((cache) => (cache.entry('PRODUCTS', '7')?.ageMs ?? 0) < Math.min(...before)),
    { what: 'A younger entry in both processes' },
  )
  await dialog.getByRole('button', { name: 'Close' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.has('purge')).toBe(false)
  expect(complaints).toEqual([])
})

test('what is not meant is not sent: a missing address is asked for', async () => {
  const { page } = panel
  let asked = 0
  page.on('request', (request) => void (asked += Number(request.url().includes('/actions/purge'))))
  await page.goto(`${plane.url}/admin/performance/caching?purge=url&what=products`)
  const dialog = page.getByRole('dialog', { name: 'Purge caches' })
  await dialog.getByRole('button', { name: 'Show what would go' }).click()
  await dialog.getByText(/An address begins with https/).waitFor()
  expect(asked).toBe(0)
})
