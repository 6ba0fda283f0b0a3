import { existsSync } from 'node:fs'
import { chromium, type BrowserContext } from 'playwright-core'

export interface LaunchBrowserOptions {
  /** Default: CHROMIUM_PATH, else /usr/bin/chromium, which is where Debian and Ubuntu put it. */
  executablePath?: string
  /** CSS pixels. Default 1280 × 800. */
  viewport?: { width: number; height: number }
  /** Default `light`. */
  colorScheme?: 'light' | 'dark'
  /** Default 30,000, for the start and for every later wait. */
  timeoutMs?: number
}

export const DEFAULT_CHROMIUM = '/usr/bin/chromium'

// No QUIC: a proxy in a test sees TCP only. No background traffic: what a test counts is what the page did.
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * The system's Chromium with a fresh profile. Close what it returns: that ends the browser and removes the profile.
 * Throws with what to install when there is none; a browser test without a browser must fail.
 */
export async function launchBrowser(options: LaunchBrowserOptions = {}): Promise<BrowserContext> {
  const executablePath = options.executablePath ?? process.env['CHROMIUM_PATH'] ?? DEFAULT_CHROMIUM
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}. Install it ('apt-get install chromium') or set CHROMIUM_PATH.`,
    )
  }
  const timeout = options.timeoutMs ?? 30_000
  // An empty folder name makes Playwright create a temporary profile and remove it on close.
  const context = await chromium.launchPersistentContext('', {
    executablePath,
    args: FLAGS,
    // Playwright's own --headless is the old one for a given executable; the flag above is the new one.
    ignoreDefaultArgs: ['--headless', '--headless=old'],
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    timeout,
  })
  context.setDefaultTimeout(timeout)
  return context
}
