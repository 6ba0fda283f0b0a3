import { launchBrowser } from '@millrace/testing/browser'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startControlPlane, type ControlPlane } from '../fixtures/control-plane.ts'
import { openPanel, seriousViolations, signIn } from '../fixtures/panel-page.ts'

let plane: ControlPlane
let browser: BrowserContext

beforeAll(async () => {
  ;[plane, browser] = await Promise.all([startControlPlane(), launchBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await plane?.dispose()
})

beforeEach(() => browser.clearCookies())

test('a wrong password says so and keeps the name; the right one opens the address that was asked for', async () => {
  const { page, complaints, foreign } = await openPanel(browser, plane.url, '/admin/performance/api?range=1h')
  expect(await seriousViolations(page)).toEqual([])
  await signIn(page, 'admin', 'not the password')
  await page.getByText('The user name or the password is wrong.').waitFor()
  expect(await page.getByLabel('User name').inputValue()).toBe('admin')
  expect(await page.getByLabel('Password', { exact: true }).getAttribute('autocomplete')).toBe(
    'current-password',
  )

  await signIn(page)
  await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()
  expect(new URL(page.url()).search).toBe('?range=1h')
  expect(await page.title()).toBe('API · Performance · Millrace')
  expect(complaints).toEqual([])
  expect(foreign).toEqual([])
  await page.close()
})

test('a session survives a reload and ends with signing out', async () => {
  const { page } = await openPanel(browser, plane.url)
  await signIn(page)
  await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor()

  await page.getByRole('button', { name: /^Account of admin/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in to Millrace' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in to Millrace' }).waitFor()
  expect(await page.title()).toBe('Sign in · Millrace')
  await page.close()
})

test('too many attempts wait, with the time that is left', async () => {
  const { page } = await openPanel(browser, plane.url)
  const attempt = (): Promise<number> =>
    page.evaluate(async () => {
      const response = await fetch('/api/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'mallory', password: 'a guess' }),
      })
      return response.status
    })
  let status = 0
  for (let attempts = 0; status !== 429 && attempts < 50; attempts++) status = await attempt()
  await signIn(page, 'mallory', 'another guess')
  await page.getByText(/Too many attempts\. Try again in \d+ s\./).waitFor()
  expect(await page.getByRole('button', { name: /^Sign in \(\d+ s\)$/ }).isDisabled()).toBe(true)
  await page.close()
})

test('a viewer sees everything and is told why a button is not for them', async () => {
  await plane.api('POST', '/api/users', { name: 'vera', password: 'a long enough password', role: 'viewer' })
  const { page } = await openPanel(browser, plane.url, '/admin/capabilities/cache')
  await signIn(page, 'vera', 'a long enough password')
  const purge = page.getByRole('button', { name: 'Purge the cache' })
  await purge.waitFor()
  expect(await purge.isDisabled()).toBe(true)
  await purge.locator('..').hover()
  await page.getByText('Needs the role administrator; you are viewer.').waitFor()
  expect(await page.getByRole('button', { name: 'Cache statistics' }).isEnabled()).toBe(true)
  await page.close()
})

test('an administrator adds a user, who changes their own password and goes on working', async () => {
  const { page } = await openPanel(browser, plane.url, '/admin/access')
  await signIn(page)
  await page.getByRole('button', { name: 'Add a user' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^User name/).fill('Olga')
  await dialog.getByLabel(/^Password/).fill('a first password')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.getByText(/^must match/).waitFor()
  await dialog.getByLabel(/^User name/).fill('olga')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('cell', { name: 'olga', exact: true }).waitFor()

  await browser.clearCookies()
  await page.reload()
  await signIn(page, 'olga', 'a first password')
  await page.getByText('Users and tokens are managed by administrators').waitFor()
  await page.getByRole('button', { name: 'Change password' }).click()
  await dialog.getByLabel(/^Current password/).fill('a wrong password')
  await dialog.getByLabel(/^New password/).fill('a second password')
  await dialog.getByRole('button', { name: 'Change' }).click()
  await dialog.getByText('The user name or the password is wrong.').waitFor()
  await dialog.getByLabel(/^Current password/).fill('a first password')
  await dialog.getByRole('button', { name: 'Change' }).click()
  await dialog.waitFor({ state: 'detached' })

  // The session is a new one: what changes things needs its token.
  await page.getByRole('link', { name: 'Capabilities' }).click()
  await page.getByRole('link', { name: /^Cache/ }).click()
  await page.getByRole('button', { name: 'Cache statistics' }).click()
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText(/^Done in/).waitFor()
  expect(await page.title()).toBe('Cache · Capabilities · Millrace')
  await page.close()
})

test('a token is shown once, works, and is refused after it was revoked', async () => {
  const { page } = await openPanel(browser, plane.url, '/admin/access')
  await signIn(page)
  await page.getByRole('button', { name: 'Create a token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Name/).fill('pipeline')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.waitFor({ state: 'detached' })
  const token = await page.getByRole('alert').locator('code').textContent()
  const status = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${plane.url}/api/runtime`, { headers, signal: AbortSignal.timeout(5_000) })).status
  }
  expect(await status()).toBe(200)
  await page.reload()
  await page.getByRole('button', { name: 'Revoke pipeline' }).click()
  expect(await page.getByText(token!).count()).toBe(0)
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await status()).toBe(401)
  await page.close()
})
