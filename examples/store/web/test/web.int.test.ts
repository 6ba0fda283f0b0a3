import { silentLogger } from '@millrace/core'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepare, serve, type Served } from '../../test/fixtures/service.ts'
import { buildWeb } from '../src/app.ts'

let dataDir: string
let web: Served

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'store-web-'))
  await prepare('web/src/prepare.ts', { STORE_DATA_DIR: dataDir })
  await mkdir(join(dataDir, 'images'))
  await writeFile(join(dataDir, 'images/product.jpg'), 'not really a picture')
  const app = await buildWeb({ logger: silentLogger, dataDir })
  await app.ready()
  web = await serve(app.server)
})

afterAll(async () => {
  await web.close()
  await rm(dataDir, { recursive: true, force: true })
})

describe('the build', () => {
  it('is not repeated while its sources are the same', async () => {
    expect(await prepare('web/src/prepare.ts', { STORE_DATA_DIR: dataDir })).toMatchObject({ built: false })
  })

  it('gives every page a chunk of its own', async () => {
    const names = await readdir(join(dataDir, 'web/assets'))
    const pages = [
      'home',
      'products',
      'product',
      'cart',
      'checkout',
      'feed',
      'post',
      'wiki',
      'videos',
      'profile',
      'search',
      'upload',
    ]
    const chunks = new Set(names.map((name) => name.replace(/-[\w-]{8}\.\w+$/, '')))
    expect([...chunks]).toEqual(expect.arrayContaining(pages))
  })

  it('stays small', async () => {
    const names = await readdir(join(dataDir, 'web/assets'))
    const entry = names.find((name) => /^index-.*\.js$/.test(name)) ?? ''
    // React, its DOM renderer and the router, before compression.
    expect((await stat(join(dataDir, 'web/assets', entry))).size).toBeLessThan(360_000)
  })
})

describe('the server', () => {
  it.each(['/', '/products', '/products/7', '/wiki/cyanotype-toning'])(
    'answers the page %s',
    async (path) => {
      const { status, headers, body } = await web.get(path, { accept: 'text/html' })
      expect(status).toBe(200)
      expect(headers.get('cache-control')).toBe('no-cache')
      expect(headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(body).toContain('<div id="root">')
    },
  )

  it('lets browsers keep hashed files for ever, and nothing else', async () => {
    const { body } = await web.get('/', { accept: 'text/html' })
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(body as string)?.[1] ?? ''
    const asset = await web.get(script)
    expect(asset.status).toBe(200)
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect((await web.get('/index.html')).headers.get('cache-control')).toBe('no-cache')
  })

  it('serves pictures', async () => {
    const { status, headers } = await web.get('/images/product.jpg')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('image/jpeg')
    expect(headers.get('cache-control')).toBe('public, max-age=3600')
  })

  it('answers 404 for files that are not there instead of the page', async () => {
    for (const path of [
      '/assets/old-hash.js',
      '/images/none.jpg',
      '/favicon.ico',
      '/.sources',
      '/..%2f.sources',
    ]) {
      expect(await web.get(path)).toMatchObject({ status: 404 })
    }
    expect((await web.get('/products', { accept: 'application/json' })).body.code).toBe(
      'STORE_ROUTE_NOT_FOUND',
    )
    expect((await web.send('POST', '/products', {})).status).toBe(404)
  })

  it('says how it is', async () => {
    expect((await web.get('/health')).body.status).toBe('up')
  })
})
