import { silentLogger } from '@millrace/core'
import { PICTURES } from '@millrace-store/store/data'
import { createPool } from '@millrace-store/store/service'
import { testDatabase, type TestDatabase } from '@millrace/testing'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepare, serve, type Served } from '../../../test/fixtures/service.ts'
import { buildMedia } from '../src/app.ts'
import { createStorage } from '../src/storage.ts'
import { MAX_UPLOAD_BYTES } from '../src/variants.ts'

let dataDir: string
let database: TestDatabase
let media: Served
const closing: (() => Promise<unknown>)[] = []

async function startService(maxStoredBytes: number): Promise<Served> {
  const pool = createPool({ url: database.url, name: 'test', logger: silentLogger })
  const app = await buildMedia({
    logger: silentLogger,
    database: pool,
    storage: createStorage(dataDir),
    maxStoredBytes,
  })
  await app.ready()
  const served = await serve(app.server)
  closing.push(served.close, () => pool.end())
  return served
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'store-media-'))
  database = await testDatabase()
  await prepare('services/media/src/prepare.ts', { DATABASE_URL: database.url, STORE_DATA_DIR: dataDir })
  media = await startService(1_000_000_000)
})

afterAll(async () => {
  for (const close of closing) await close()
  await database.stop()
  await rm(dataDir, { recursive: true, force: true })
})

interface Uploaded {
  status: number
  // Tests look into it as they please.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

async function upload(
  file: Buffer,
  name = 'picture.jpg',
  fields: Record<string, string> = { ownerId: '1' },
): Promise<Uploaded> {
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) form.set(field, value)
  form.set('file', new Blob([new Uint8Array(file)]), name)
  const response = await fetch(`${media.url}/upload`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(20_000),
  })
  return { status: response.status, body: await response.json() }
}

const photograph = (width: number, height: number, seed: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: seed % 256, g: 90, b: 40 } } })
    .withExif({ IFD0: { Copyright: 'somebody' }, IFD3: { GPSLatitudeRef: 'N' } })
    .jpeg()
    .toBuffer()

describe('prepare', () => {
  it('makes the pictures under the names that the documentation uses', async () => {
    const names = await readdir(join(dataDir, 'images'))
    expect(names).toEqual(expect.arrayContaining(['product.jpg', 'product1.jpg', 'product48.jpg']))
    for (const { path, width, height } of PICTURES) {
      const made = await sharp(join(dataDir, path)).metadata()
      expect(made).toMatchObject({ format: 'jpeg', width, height })
    }
  })

  it('makes them once', async () => {
    const file = join(dataDir, 'images/product.jpg')
    const before = await stat(file)
    const again = await prepare('services/media/src/prepare.ts', {
      DATABASE_URL: database.url,
      STORE_DATA_DIR: dataDir,
    })
    expect(again).toMatchObject({ applied: [], pictures: 0 })
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs)
  })
})

describe('upload', () => {
  it('stores a picture in four sizes without what the camera wrote into it', async () => {
    const { status, body } = await upload(await photograph(2_400, 1_200, 1))
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'picture.jpg',
      mimeType: 'image/jpeg',
      width: 2_400,
      height: 1_200,
      ownerId: 1,
    })
    const sizes = body.variants.map((variant: { name: string; width: number; height: number }) => [
      variant.name,
      variant.width,
      variant.height,
    ])
    expect(sizes).toEqual(
      expect.arrayContaining([
        ['thumbnail', 150, 75],
        ['small', 400, 200],
        ['medium', 800, 400],
        ['large', 1_920, 960],
      ]),
    )
    for (const variant of body.variants) {
      const response = await fetch(`${media.url}${variant.src}`)
      expect(response.headers.get('content-type')).toBe('image/webp')
      expect(response.headers.get('cache-control')).toContain('immutable')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.byteLength).toBe(variant.bytes)
      const metadata = await sharp(bytes).metadata()
      expect(metadata).toMatchObject({ width: variant.width, height: variant.height })
      expect(metadata.exif).toBeUndefined()
    }
    expect((await media.get(`/files/${body.id}`)).body).toEqual(body)
    expect((await media.get('/files?limit=1')).body.items[0].id).toBe(body.id)
  })

  it('does not enlarge', async () => {
    const { body } = await upload(await photograph(300, 200, 2))
    const large = body.variants.find((variant: { name: string }) => variant.name === 'large')
    expect(large).toMatchObject({ width: 300, height: 200 })
  })

  it('keeps the same picture of the same member once, also when both arrive together', async () => {
    const file = await photograph(500, 500, 3)
    const replies = await Promise.all([upload(file), upload(file)])
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1)
    expect(await upload(file)).toMatchObject({ status: 200, body: { id: replies[0]!.body.id } })
    expect((await upload(file, 'x.jpg', { ownerId: '2' })).status).toBe(201)
    const folders = await readdir(join(dataDir, 'uploads'))
    expect(folders).toHaveLength((await media.get('/files')).body.total)
  })

  it('refuses what is not a picture, whatever it is called', async () => {
    expect((await upload(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.jpg')).status).toBe(415)
    expect((await upload(Buffer.from('hello'), 'a.png')).status).toBe(422)
    const whole = await photograph(800, 800, 4)
    expect((await upload(whole.subarray(0, whole.byteLength / 2))).status).toBe(422)
    const gif = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
      .gif()
      .toBuffer()
    expect((await upload(gif, 'a.gif')).body.code).toBe('STORE_FILE_TYPE')
  })

  it('refuses too much', async () => {
    const { status, body } = await upload(Buffer.alloc(MAX_UPLOAD_BYTES + 1))
    expect(status).toBe(413)
    expect(body).toMatchObject({ code: 'STORE_FILE_TOO_LARGE', maxBytes: MAX_UPLOAD_BYTES })
  })

  it('says what is missing', async () => {
    expect((await upload(await photograph(9, 9, 5), 'a.jpg', {})).body.code).toBe('STORE_INPUT_INVALID')
    expect((await media.send('POST', '/upload', {})).body.code).toBe('STORE_FILE_MISSING')
    const form = new FormData()
    form.set('picture', new Blob(['x']), 'a.jpg')
    const response = await fetch(`${media.url}/upload`, { method: 'POST', body: form })
    expect(response.status).toBe(400)
  })

  it('stops when the storage is full', async () => {
    const full = await startService(1)
    const form = new FormData()
    form.set('ownerId', '1')
    form.set('file', new Blob([new Uint8Array(await photograph(50, 50, 6))]), 'a.jpg')
    const response = await fetch(`${full.url}/upload`, { method: 'POST', body: form })
    expect(response.status).toBe(507)
    expect(await response.json()).toMatchObject({ code: 'STORE_STORAGE_FULL' })
  })
})

describe('files', () => {
  it('are deleted with everything that belongs to them', async () => {
    const { body } = await upload(await photograph(200, 200, 7))
    const stored = join(dataDir, 'uploads', body.id, 'small.webp')
    expect((await readFile(stored)).byteLength).toBeGreaterThan(0)
    expect((await media.send('DELETE', `/files/${body.id}`)).status).toBe(204)
    await expect(stat(stored)).rejects.toThrow('ENOENT')
    expect((await media.get(`/files/${body.id}`)).status).toBe(404)
    expect((await media.send('DELETE', `/files/${body.id}`)).status).toBe(404)
  })

  it('cannot be left by their address', async () => {
    const { body } = await upload(await photograph(210, 200, 8))
    expect((await media.get(`/files/${body.id}/original`)).status).toBe(400)
    expect((await media.get(`/files/${body.id}/..%2F..%2Fimages%2Fproduct.jpg`)).status).toBe(400)
    expect((await media.get('/files/..%2F..%2F/small')).status).toBe(400)
  })
})
