import { launchBrowser } from '@millrace/testing/browser'
import axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseOptions } from '../../traffic/options.ts'
import { runTraffic } from '../../traffic/run.ts'
import { startStore, type RunningStore } from './platform.ts'

let store: RunningStore
let browser: BrowserContext
let page: Page
/** What went wrong in the page: console errors, exceptions, and answers from 400. */
let complaints: string[]

beforeAll(async () => {
  store = await startStore()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await store?.stop()
})

beforeEach(async () => {
  page = await browser.newPage()
  complaints = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
})

afterEach(() => page.close())

const open = async (path: string): Promise<void> => {
  await page.goto(`${store.url}${path}`, { waitUntil: 'networkidle' })
}

/** Wide and light: every page. Narrow and dark: those whose layout is their own. */
const VIEWS = [
  {
    colorScheme: 'light',
    width: 1_280,
    paths: [
      '/',
      '/products',
      '/products?search=nothingatall',
      '/products/1',
      '/cart',
      '/feed',
      '/posts/8000',
      '/wiki',
      '/wiki/cyanotype-toning',
      '/videos',
      '/members/1',
      '/search?q=cat',
      '/upload',
      '/no/such/page',
    ],
  },
  {
    colorScheme: 'dark',
    width: 390,
    paths: ['/', '/products', '/products/1', '/posts/8000', '/wiki', '/members/1'],
  },
] as const

describe.each(VIEWS)('in $colorScheme colours, $width pixels wide', ({ colorScheme, width, paths }) => {
  beforeEach(async () => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
  })

  it.each(paths)('shows %s', async (path) => {
    await open(path)
    expect(await page.locator('h1').count()).toBe(1)
    expect(await page.title()).toMatch(/ · Tailrace$/)

    const pictures = await page.locator('main img').evaluateAll((images) =>
      (images as HTMLImageElement[]).map((image) => ({
        src: image.currentSrc || image.src,
        sized: image.hasAttribute('width') && image.hasAttribute('height'),
        described: image.hasAttribute('alt'),
        shown: image.getBoundingClientRect().width > 10 && image.getBoundingClientRect().height > 10,
        // Far below the window a lazy picture is not there yet.
        broken: image.complete && image.currentSrc !== '' && image.naturalWidth === 0,
      })),
    )
    for (const picture of pictures) {
      expect(picture).toMatchObject({ sized: true, described: true, shown: true, broken: false })
      expect(picture.src).toContain('/_millrace/image?src=')
    }

    const { overflow, shift } = await measureLayout(page)
    expect(overflow).toBe(0)
    expect(shift).toBeLessThan(0.05)

    await page.evaluate(axe.source)
    const violations = await page.evaluate(async () => {
      const found = await (window as unknown as { axe: typeof axe }).axe.run()
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
    })
    expect(violations).toEqual([])
    expect(complaints).toEqual([])
  })
})

/** Pixels that the page is too wide, and how much moved by itself (Cumulative Layout Shift). */
function measureLayout(of: Page): Promise<{ overflow: number; shift: number }> {
  return of.evaluate(
    () =>
      new Promise((resolve) => {
        let shift = 0
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shift += (entry as unknown as { value: number }).value
        })
        observer.observe({ type: 'layout-shift', buffered: true })
        // Buffered entries are delivered before the next frame but one.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            observer.disconnect()
            resolve({ overflow: document.documentElement.scrollWidth - window.innerWidth, shift })
          }),
        )
      }),
  )
}

describe('a visitor', () => {
  it('gets pictures as AVIF and a fraction of the original', async () => {
    const answers: { type: string; bytes: number }[] = []
    page.on('response', (response) => {
      if (!response.url().includes('/_millrace/image')) return
      const header = (name: string) => response.headers()[name] ?? ''
      answers.push({
        type: header('content-type'),
        bytes: Number(header('content-length')) / Number(header('x-original-bytes')),
      })
    })
    await open('/products?category=prints')
    expect(answers.length).toBeGreaterThan(3)
    for (const { type, bytes } of answers) {
      expect(type).toBe('image/avif')
      expect(bytes).toBeLessThan(0.5)
    }
  })

  it('loads the code of a page only when going there', async () => {
    const scripts: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(request.url())
    })
    await open('/')
    expect(scripts.some((url) => url.includes('/assets/upload-'))).toBe(false)
    await page.getByRole('link', { name: 'Upload' }).click()
    await page.getByRole('heading', { name: 'Upload a picture' }).waitFor()
    expect(scripts.some((url) => url.includes('/assets/upload-'))).toBe(true)
  })

  it('finds a product, buys it and sees the order', async () => {
    await open('/products')
    await page.getByLabel('Category').selectOption('framed')
    await page.getByRole('heading', { level: 1, name: 'Framed' }).waitFor()
    await page.locator('.product-card a').first().click()
    await page.getByRole('button', { name: 'Add to cart' }).click()
    await page.getByText('In your cart.').waitFor()
    await page.getByRole('link', { name: 'Cart, 1 item' }).click()
    await page.getByRole('button', { name: 'One more' }).click()
    await page.getByRole('link', { name: 'Cart, 2 items' }).waitFor()
    await page.getByRole('link', { name: 'Check out' }).click()
    await page.getByText('The payment provider is simulated').waitFor()
    await page.getByLabel('Street and number').fill('Mill Lane 1')
    await page.getByLabel('Postcode').fill('6011')
    await page.getByRole('button', { name: /^Order and pay/ }).click()
    await page.getByRole('heading', { name: /^Order \d+$/ }).waitFor()
    await page.getByText(/^Paid, /).waitFor()
    expect(await page.getByText(/Payment approved by the simulated provider/).count()).toBe(1)
    await page.getByRole('link', { name: 'Cart, 0 items' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('comments on a post and reads the comment at once', async () => {
    await open('/posts/7990')
    await page.getByLabel('Your comment').fill('Written by a browser.')
    await page.getByRole('button', { name: 'Comment', exact: true }).click()
    await page.getByText('Written by a browser.', { exact: true }).last().waitFor()
    expect(complaints).toEqual([])
  })

  it('changes the profile and sees the change', async () => {
    await open('/members/1')
    await page.getByText('Change your profile').click()
    await page.getByLabel('About you').fill('Prefers the other side of the river.')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('.lead', { hasText: 'Prefers the other side of the river.' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('uploads a picture and gets four sizes of it', async () => {
    const picture = await fetch(`${store.url}/images/product5.jpg`)
    await open('/upload')
    await page.locator('input[type=file]').setInputFiles({
      name: 'house.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from(await picture.arrayBuffer()),
    })
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('heading', { name: 'Stored' }).waitFor()
    expect(await page.locator('.sizes strong').allTextContents()).toEqual([
      'thumbnail',
      'small',
      'medium',
      'large',
    ])
    expect(complaints).toEqual([])
  })

  it('is told what is wrong, and can try again', async () => {
    await open('/products/999999')
    await page.getByRole('heading', { name: 'Not found' }).waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('There is no product')

    await page.route('**/services/content/wiki**', (route) => route.abort())
    await open('/wiki')
    await page.getByRole('heading', { name: 'No connection' }).waitFor()
    await page.unroute('**/services/content/wiki**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { level: 1, name: 'Wiki' }).waitFor()
  })
})

it('stands a while of realistic traffic without an error', async () => {
  const options = parseOptions([
    '--target',
    store.url,
    '--rate',
    '40',
    '--duration',
    '6',
    '--think-ms',
    '100',
  ])
  const summary = await runTraffic(
    { ...options!, dayMinutes: undefined },
    new AbortController().signal,
    () => undefined,
  )
  expect(summary.errorsByReason).toEqual({})
  expect(summary.visitors).toBeGreaterThan(0)
  expect(summary.requests).toBeGreaterThan(20)
  expect(summary.cache.hits).toBeGreaterThan(0)
})
