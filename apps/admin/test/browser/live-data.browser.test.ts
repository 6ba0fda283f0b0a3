import { waitFor } from '@millrace/testing'
import { launchBrowser } from '@millrace/testing/browser'
import type { BrowserContext, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startControlPlane, TELEMETRY_TOKEN, type ControlPlane } from '../fixtures/control-plane.ts'
import { openPanel, signInOnce, type PanelPage } from '../fixtures/panel-page.ts'
import { sendTelemetry, type Telemetry } from '../fixtures/telemetry.ts'

let plane: ControlPlane
let telemetry: Telemetry
let browser: BrowserContext
let panel: PanelPage

beforeAll(async () => {
  ;[plane, browser] = await Promise.all([startControlPlane(), launchBrowser()])
  telemetry = sendTelemetry(plane.url, TELEMETRY_TOKEN)
  await signInOnce(browser, plane.url)
})
afterAll(async () => {
  await browser?.close()
  await telemetry?.stop()
  await plane?.dispose()
})
beforeEach(async () => {
  panel = await openPanel(browser, plane.url)
  await panel.page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()
  return () => panel.page.close()
})

const chart = (page: Page, title: string) => page.getByRole('img', { name: new RegExp(`^${title},`) })
const label = async (page: Page, title: string): Promise<string> =>
  (await chart(page, title).getAttribute('aria-label')) ?? ''

/** Chosen by hand rather than by drag: as a user would type it. */
const rangeOf = (page: Page): URLSearchParams => new URL(page.url()).searchParams

test('the overview shows traffic and moves within five seconds', async () => {
  const { page, complaints } = panel
  await chart(page, 'Requests').waitFor()
  expect(await label(page, 'Requests')).toMatch(/2xx: now [\d.]+ req\/s.*5xx: now [\d.]+ req\/s/)
  expect(await label(page, 'Latency')).toMatch(/p50: now .* ms.*p95: now .* ms.*p99: now .* ms/)
  const before = await label(page, 'Requests')
  await waitFor(async () => (await label(page, 'Requests')) !== before, {
    deadlineMs: 5_000,
    what: 'A new point',
  })

  const tile = page.getByRole('region', { name: 'Requests' }).first().getByTestId('tile-value')
  await waitFor(async () => Number(await tile.textContent()) > 0, { deadlineMs: 10_000, what: 'A rate' })
  expect(complaints).toEqual([])
})

test('paused, nothing is asked; going on, it moves again', async () => {
  const { page } = panel
  await page.clock.install()
  await page.reload()
  await chart(page, 'Requests').waitFor()
  const isQuestion = (request: Request): boolean => request.url().includes('/api/monitoring/')
  let asked = 0
  let answered = 0
  page.on('request', (request) => void (asked += Number(isQuestion(request))))
  const count = (request: Request): void => void (answered += Number(isQuestion(request)))
  page.on('requestfinished', count)
  page.on('requestfailed', count)
  await page.clock.runFor(10_000)
  await waitFor(() => asked > 0, { what: 'A request while live' })

  await page.keyboard.press(' ')
  await page.getByRole('button', { name: 'Paused. Go on' }).waitFor()
  expect(rangeOf(page).get('live')).toBe('off')
  await waitFor(() => answered >= asked, { what: 'The last answers' })
  asked = 0
  await page.clock.runFor(60_000)
  expect(asked).toBe(0)

  await page.keyboard.press(' ')
  await page.getByRole('button', { name: 'Live. Pause' }).waitFor()
  await page.clock.runFor(10_000)
  await waitFor(() => asked > 0, { what: 'A request after going on' })
})

test('a range stays relative in the URL and survives a reload and a change of screen', async () => {
  const { page } = panel
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Last 1 hour' }).click()
  await page.getByRole('button', { name: 'Last 1 hour' }).waitFor()
  expect(rangeOf(page).get('range')).toBe('1h')
  await page.reload()
  await page.getByRole('button', { name: 'Last 1 hour' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.getByRole('heading', { level: 1, name: 'Scaling' }).waitFor()
  expect(rangeOf(page).get('range')).toBe('1h')
})

test('dragging over a chart zooms in, zooming out and going back work', async () => {
  const { page } = panel
  await chart(page, 'Requests').waitFor()
  const plot = chart(page, 'Requests').locator('.u-over')
  const box = await plot.boundingBox()
  await page.mouse.move(box!.x + box!.width * 0.2, box!.y + 50)
  await page.mouse.down()
  await page.mouse.move(box!.x + box!.width * 0.6, box!.y + 60, { steps: 5 })
  await page.mouse.up()
  await page.getByRole('button', { name: 'Go live' }).waitFor()
  const span = Number(rangeOf(page).get('to')) - Number(rangeOf(page).get('from'))
  expect(span / 60_000).toBeGreaterThan(5)
  expect(span / 60_000).toBeLessThan(7)
  await page.getByRole('button', { name: 'Zoom out' }).click()
  await waitFor(() => Number(rangeOf(page).get('to')) - Number(rangeOf(page).get('from')) > span * 1.5)
  await page.goBack()
  await page.goBack()
  await page.getByRole('button', { name: 'Live. Pause' }).waitFor()
})

test('compare draws the previous period and says so in the URL', async () => {
  const { page } = panel
  await chart(page, 'Requests').waitFor()
  const asked = page.waitForRequest((request) => {
    const { pathname, searchParams } = new URL(request.url())
    return pathname === '/api/monitoring/range' && Number(searchParams.get('to')) < Date.now() - 600_000
  })
  await page.keyboard.press('v')
  await asked
  expect(rangeOf(page).get('compare')).toBe('previous')
})

test('the numbers behind a chart: table, CSV, and the keyboard', async () => {
  const { page } = panel
  await chart(page, 'Latency').waitFor()
  await chart(page, 'Latency').focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: p50 .*, p95 .*, p99 /).waitFor({ state: 'attached' })

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Latency: download CSV' }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^latency_[\d_-]+\.csv$/)
  const stream = await file.createReadStream()
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  expect(text.replace('\uFEFF', '').split('\r\n')[0]).toBe('time (UTC),p50 (s),p95 (s),p99 (s)')

  await page.getByRole('button', { name: 'Latency: table' }).click()
  const table = page.getByRole('region', { name: 'Latency, values' })
  expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Time', 'p50', 'p95', 'p99'])
})

test('routes are sorted, searched and opened, and the URL holds all of it', async () => {
  const { page } = panel
  await page.goto(`${plane.url}/admin/performance/api`)
  const table = page.getByRole('region', { name: 'Routes' }).last()
  await table.getByRole('button', { name: 'POST /orders' }).waitFor()
  // The slow route takes most of the time, so it comes first.
  await waitFor(async () => (await table.getByRole('row').nth(1).textContent())?.includes('/orders'))
  await table.getByRole('button', { name: 'Route', exact: true }).click()
  await waitFor(async () => (await table.getByRole('row').nth(1).textContent())?.includes('/orders'))
  expect(rangeOf(page).get('sort')).toBe('name')

  await page.keyboard.press('/')
  await page.keyboard.type('get :id')
  await waitFor(async () => (await table.getByRole('row').count()) === 2)
  await table.getByRole('button', { name: 'GET /products/:id' }).click()
  await chart(page, 'Latency heatmap').waitFor()
  expect(await label(page, 'Status codes')).toContain('200: now')
  await page.reload()
  await chart(page, 'Latency heatmap').waitFor()
  expect(await page.getByLabel('Search').inputValue()).toBe('get :id')

  const operations = page.getByRole('region', { name: 'Database operations' }).last()
  await operations.getByText('SELECT').waitFor()
})

test('when the control plane goes away the last values stay, and it recovers by itself', async () => {
  const { page } = panel
  await chart(page, 'Requests').waitFor()
  await plane.stop()
  try {
    await page.getByText('The control plane does not answer.').waitFor()
    await page
      .getByText(/^\d+ s old$/)
      .first()
      .waitFor()
    expect(await chart(page, 'Requests').isVisible()).toBe(true)
  } finally {
    await plane.start()
  }
  await page.getByText('The control plane does not answer.').waitFor({ state: 'detached' })
  const before = await label(page, 'Requests')
  await waitFor(async () => (await label(page, 'Requests')) !== before, {
    deadlineMs: 20_000,
    what: 'A new point',
  })
})
