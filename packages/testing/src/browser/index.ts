import { existsSync } from 'node:fs'
import { chromium, type BrowserContext } from 'playwright-core'

export interface LaunchBrowserOptions {
  /** Default: CHROMIUM_PATH, else /usr/bin/chromium, which is where Debian and Ubuntu put it. */
  executablePath?: string
  /** CSS pixels. Default 1280 × 800. */
  viewport?: { width: number; height: number }
  /** Default `light`. */
  colorScheme?: 'light' | 'dark'
  /** Takes certificates that nobody it trusts has signed. Default false. */
  anyCertificate?: boolean
  /** Default 30,000, for the start and for every later wait. */
  timeoutMs?: number
  /**
   * Speaks HTTP/3 with this origin (`localhost:8443`) from the first request on, whose certificate is one that has this key: the
   * SHA-256 of its SubjectPublicKeyInfo in base64. Default: QUIC is off.
   */
  quic?: { origin: string; keySha256: string }
}

export const DEFAULT_CHROMIUM = '/usr/bin/chromium'

// No background traffic: what a test counts is what the page did.
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Off unless asked for: a proxy in a test sees TCP only. Chromium takes no certificate for QUIC that it does not know, whatever is ignored otherwise. */
const quicFlags = (quic: LaunchBrowserOptions['quic']): string[] =>
  quic === undefined
    ? ['--disable-quic']
    : [
        '--enable-quic',
        `--origin-to-force-quic-on=${quic.origin}`,
        `--ignore-certificate-errors-spki-list=${quic.keySha256}`,
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
    args: [...FLAGS, ...quicFlags(options.quic)],
    // Playwright's own --headless is the old one for a given executable; the flag above is the new one.
    ignoreDefaultArgs: ['--headless', '--headless=old'],
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    ignoreHTTPSErrors: options.anyCertificate ?? false,
    timeout,
  })
  context.setDefaultTimeout(timeout)
  return context
}
