import path from 'node:path'
import { waitFor } from '@millrace/testing'
import { launchBrowser } from '@millrace/testing/browser'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPanel } from '../apps/admin/test/fixtures/built-panel.ts'
import { removeDataDir, startPlatform, temporaryDataDir, type Platform } from './support/platform.ts'

/** The panel on the whole platform: through the gateway's public port, with a supervisor that really runs things. */

interface Visitors {
  /** In words. */
  failures: string[]
  stop(): Promise<void>
}

/** A visitor every 50 ms: enough to see, little enough to leave the machine to the browser. */
function sendVisitors(url: string): Visitors {
  const failures: string[] = []
  const open = new Set<Promise<void>>()
  const visit = async (): Promise<void> => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
      await response.arrayBuffer()
      if (response.status >= 400) failures.push(`status ${response.status}`)
    } catch (error) {
      failures.push(String(error))
    }
  }
  const timer = setInterval(() => {
    const visitor = visit().finally(() => open.delete(visitor))
    open.add(visitor)
  }, 50)
  return {
    failures,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

const PASSWORD = 'correct horse battery'
const application = path.resolve(import.meta.dirname, '../examples/minimal/server.js')

let platform: Platform
let browser: BrowserContext
let page: Page
let visitors: Visitors
const dataDir = temporaryDataDir()

beforeAll(async () => {
  // Where `npm start` puts it, which is where the control plane looks.
  await buildPanel(path.resolve(import.meta.dirname, '../apps/admin/dist'))
  platform = await startPlatform({
    args: ['--instances', '1', '--', 'node', application],
    dataDir,
    env: { MILLRACE_ADMIN_PASSWORD: PASSWORD, MILLRACE_ADMIN_MOUNT: 'loopback' },
  })
  visitors = sendVisitors(platform.publicUrl)
  browser = await launchBrowser()
  page = await browser.newPage()
  await page.goto(`${platform.publicUrl}/admin`)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  await visitors?.stop()
  await platform?.stop()
  removeDataDir(dataDir)
})

const open = (screen: string): Promise<unknown> => page.goto(`${platform.publicUrl}/admin/${screen}`)
const card = () => page.getByRole('region', { name: /^Pool / }).first()

test('visitors are seen within five seconds of the start of the panel', async () => {
  await open('performance/overview')
  await page.getByRole('img', { name: /^Requests, .* 2xx: now [\d.,]+ req\/s/ }).waitFor({ timeout: 10_000 })
  await page.getByRole('img', { name: /^CPU, / }).scrollIntoViewIfNeeded()
  await page.getByRole('img', { name: /^CPU, .*: now [\d.]+%/ }).waitFor({ timeout: 15_000 })
  expect(visitors.failures).toEqual([])
})

test('an application is scaled and restarted by hand, without a failed request, and the audit log has both', async () => {
  await open('scaling/overview')
  await card().getByText('of 1 ready').waitFor()
  await card()
    .getByRole('button', { name: /^Scale/ })
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Instances/).fill('3')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText(/^Done in/).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await card().getByText('of 3 ready').waitFor()

  await card()
    .getByRole('button', { name: /^Restart/ })
    .click()
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText(/^Done in/).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('region', { name: 'Changes' }).last().getByText('restart').first().waitFor()

  expect(visitors.failures).toEqual([])
})

test('a killed instance is seen to come back, with an incident that opens and closes', async () => {
  await open('components')
  const [victim] = (await platform.components()).filter(({ kind }) => kind === 'instance')
  process.kill(victim!.pid!, 'SIGKILL')
  const row = page.getByRole('row').filter({ hasText: victim!.id })
  await row.getByText('SIGKILL').waitFor()
  const incident = page.getByText(new RegExp(`${victim!.id}.*SIGKILL`)).last()
  await incident.waitFor()
  await row.getByText('ready', { exact: true }).waitFor()
  await page.getByRole('region', { name: 'Incidents' }).getByText('closed').first().waitFor()
  const [next] = (await platform.components()).filter(({ id }) => id === victim!.id)
  expect(next).toMatchObject({ state: 'ready', restarts: 1 })
})

test('a killed control plane comes back under the open panel, which says so meanwhile and goes on by itself', async () => {
  await open('performance/overview')
  const requests = page.getByRole('img', { name: /^Requests,/ })
  await requests.waitFor()
  const [plane] = (await platform.components()).filter(({ kind }) => kind === 'control-plane')
  process.kill(plane!.pid!, 'SIGKILL')
  await waitFor(
    async () => {
      const [next] = (await platform.components()).filter(({ kind }) => kind === 'control-plane')
      return next?.state === 'ready' && next.pid !== plane!.pid
    },
    { deadlineMs: 30_000, intervalMs: 200, what: 'Another control plane' },
  )
  const before = await requests.getAttribute('aria-label')
  await waitFor(async () => (await requests.getAttribute('aria-label')) !== before, {
    deadlineMs: 20_000,
    what: 'A new point',
  })
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Performance')
})
