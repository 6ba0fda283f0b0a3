import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platformConfig, silentLogger } from '@millrace/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServer, type Server } from '../src/index.ts'

let folder: string
let built: Server
let unbuilt: Server

// Static files need neither start nor database.
const serverFor = (panelDir: string): Promise<Server> =>
  createServer({
    capabilities: [],
    config: platformConfig.parse({}),
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    dataDir: folder,
    publicUrl: 'http://127.0.0.1:3000',
    telemetryToken: 't',
    controlToken: 'c',
    logger: silentLogger,
    panelDir,
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-panel-'))
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'outside')
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Panel</title>')
  await writeFile(join(folder, 'dist', 'favicon.svg'), '<svg/>')
  await writeFile(join(folder, 'dist', 'assets', 'index-abc123.js'), 'export {}')
  built = await serverFor(join(folder, 'dist'))
  unbuilt = await serverFor(join(folder, 'none'))
})
afterAll(async () => {
  await built.stop()
  await unbuilt.stop()
  await rm(folder, { recursive: true, force: true })
})

test('every screen’s address is the first page, never cached', async () => {
  for (const url of ['/admin', '/admin/', '/admin/performance/overview?from=now-1h']) {
    const response = await built.app.inject(url)
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toContain('text/html')
    expect(response.headers['cache-control']).toBe('no-cache')
    expect(response.body).toContain('<title>Panel</title>')
  }
  expect((await built.app.inject('/')).headers.location).toBe('/admin/')
})

test('hashed assets are immutable, other files are revalidated, missing assets are missing', async () => {
  const asset = await built.app.inject('/admin/assets/index-abc123.js')
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(asset.headers['content-type']).toContain('javascript')
  expect((await built.app.inject('/admin/favicon.svg')).headers['cache-control']).toBe('no-cache')
  const missing = await built.app.inject('/admin/assets/index-old.js')
  expect(missing.statusCode).toBe(404)
  expect(missing.headers['cache-control']).not.toContain('immutable')
})

test('nothing outside the folder is served', async () => {
  for (const url of [
    '/admin/../secret.txt',
    '/admin/..%2fsecret.txt',
    '/admin/assets/..%2f..%2fsecret.txt',
    '/admin/assets/../../secret.txt',
  ]) {
    expect((await built.app.inject(url)).body).not.toContain('outside')
  }
})

test('a panel that is not built is an honest 503', async () => {
  for (const url of ['/admin', '/admin/anything']) {
    const response = await unbuilt.app.inject(url)
    expect(response.statusCode).toBe(503)
    expect(response.headers['content-type']).toContain('text/html')
    expect(response.body).toContain('not built')
  }
})
