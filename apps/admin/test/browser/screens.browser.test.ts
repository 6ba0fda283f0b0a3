import { waitFor } from '@millrace/testing'
import { launchBrowser } from '@millrace/testing/browser'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startControlPlane, TELEMETRY_TOKEN, type ControlPlane } from '../fixtures/control-plane.ts'
import { openPanel, seriousViolations, signInOnce, type PanelPage } from '../fixtures/panel-page.ts'
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

const SCREENS = [
  '/performance/overview',
  '/performance/api',
  '/performance/caching',
  '/gateway/overview',
  '/performance/cdn',
  '/scaling/overview',
  '/scaling/policies',
  '/profiling/cpu',
  '/optimization/recommendations',
  '/components',
  '/capabilities',
  '/capabilities/monitoring',
  '/capabilities/unheard-of',
  '/audit',
  '/access',
  '/settings',
  '/help',
  '/help/own-application',
]

/** Nothing within the viewport is still on its way; what is below it is not even asked for. */
const settled = (page: Page): Promise<true> =>
  waitFor(
    () =>
      page.evaluate(() =>
        [...document.querySelectorAll('output')].every(
          (skeleton) => skeleton.getBoundingClientRect().top > window.innerHeight,
        ),
      ),
    { deadlineMs: 15_000, what: 'A settled screen' },
  )

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

test.each(['light', 'dark'] as const)(
  'every screen, in the %s scheme: accessible, nothing foreign, no complaint, fits into 360 pixels',
  async (colorScheme) => {
    const { page, complaints, foreign } = panel
    await page.emulateMedia({ colorScheme })
    const problems: Record<string, unknown> = {}
    for (const path of SCREENS) {
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto(`${plane.url}/admin${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await settled(page)
      const violations = await seriousViolations(page)
      if (violations.length > 0) problems[path] = violations
      await page.setViewportSize({ width: 360, height: 740 })
      await settled(page)
      // Charts follow the new width with the next frame.
      const fits = await waitFor(async () => (await overflow(page)) <= 0).catch(() => false)
      if (!fits) problems[`${path} at 360 px`] = `${await overflow(page)} px too wide`
    }
    expect(problems).toEqual({})
    expect(complaints).toEqual([])
    expect(foreign).toEqual([])
  },
)

test('on a narrow screen the navigation is a drawer', async () => {
  const { page } = panel
  await page.setViewportSize({ width: 360, height: 740 })
  await page.getByRole('button', { name: 'Open the navigation' }).click()
  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor()
  await page.getByRole('link', { name: 'Audit log' }).waitFor({ state: 'hidden' })
  expect(await overflow(page)).toBeLessThanOrEqual(0)
})

test('keyboard: skip link, shortcuts, sequences, and the focus follows the screen', async () => {
  const { page } = panel
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')

  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await help.waitFor()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })

  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.getByRole('heading', { level: 1, name: 'Components' }).waitFor()
  await waitFor(() => page.evaluate(() => document.activeElement?.textContent === 'Components'))
  expect(await page.title()).toBe('Components · Millrace')
})

test('the colour scheme is chosen with a key and remembered', async () => {
  const { page } = panel
  const isDark = (): Promise<boolean> =>
    page.evaluate(() => document.documentElement.classList.contains('dark'))
  expect(await isDark()).toBe(false)
  await page.keyboard.press('d')
  await waitFor(isDark)
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()
  expect(await isDark()).toBe(true)
  await page.keyboard.press('d')
  await waitFor(async () => !(await isDark()))
})

test('a missing capability is named, and nothing is invented', async () => {
  const { page } = panel
  await page.goto(`${plane.url}/admin/performance/cdn`)
  await page.getByText('The Performance CDN screen is not in this version').waitFor()
  await page.getByText('It comes with the capability cdn, which is not installed.').waitFor()
  expect(await page.getByRole('img').count()).toBe(0)
})

test('any action of any capability: form, confirmation by effect, answer, audit', async () => {
  const { page } = panel
  await page.goto(`${plane.url}/admin/capabilities/cache`)
  await page.getByRole('button', { name: 'Purge the cache' }).click()
  const dialog = page.getByRole('dialog', { name: 'Purge the cache' })
  const run = dialog.getByRole('button', { name: 'Run' })
  expect(await run.isDisabled()).toBe(true)
  await dialog.getByLabel('All', { exact: true }).check()
  await dialog.getByLabel('Type purge to confirm').fill('purge')
  expect(await seriousViolations(page)).toEqual([])
  await run.click()
  await dialog.getByText(/Done in \d+ ms · audit entry/).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page.goto(`${plane.url}/admin/audit`)
  await page.getByRole('cell', { name: 'cache.purge' }).first().click()
  await page.getByRole('dialog', { name: 'cache.purge' }).getByText('"outcome": "ok"').waitFor()
})

test('an action that fails shows its problem and lets one correct the input', async () => {
  const { page } = panel
  await page.goto(`${plane.url}/admin/capabilities/scaling`)
  await page.getByRole('button', { name: 'Rolling restart' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rolling restart' })
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText('required').waitFor()
  await dialog.getByLabel(/^Pool/).fill('shop')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText('CORE_RUNTIME_UNAVAILABLE').waitFor()
  expect(await dialog.getByLabel(/^Pool/).inputValue()).toBe('shop')
})

test('a setting changes while running, shows what was configured, and goes back', async () => {
  const { page } = panel
  await page.goto(`${plane.url}/admin/settings`)
  const change = page.getByRole('button', { name: 'Change Session length (hours)' })
  const row = page.getByRole('row').filter({ has: change })
  await change.click()
  const dialog = page.getByRole('dialog')
  const field = dialog.getByRole('spinbutton', { name: 'Session length (hours)' })
  const configured = await field.inputValue()
  await field.fill('24')
  expect(await seriousViolations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await row.getByRole('cell').allTextContents()).toContain('24')

  await page.reload()
  await change.click()
  await dialog.getByRole('button', { name: `Back to ${configured}` }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await row.getByRole('cell').allTextContents()).toContain('the same')
})
