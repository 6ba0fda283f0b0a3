import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { noise, photo } from '../photos.ts'
import { CHROME, resultFiles, serverWithPicture, startServer, type TestServer } from './set-up.ts'

vi.setConfig({ testTimeout: 30_000 })

let test: TestServer
let picture: Buffer

beforeEach(async () => {
  ;({ test, picture } = await serverWithPicture())
})
afterEach(() => test.close())

describe('a source that changes', () => {
  it('is asked again after its time, and served anew only when it changed', async () => {
    const headers = { etag: '"one"' }
    test.origin.files.set('/p.jpg', { body: picture, headers })
    const first = await test.ask('src=/p.jpg&w=64')
    await test.clock.advance(300_000)
    const same = await test.ask('src=/p.jpg&w=64')
    expect([same.headers['etag'], same.headers['x-image-result']]).toEqual([first.headers['etag'], 'memory'])
    expect(test.origin.requests.at(-1)?.headers['if-none-match']).toBe('"one"')
    test.origin.files.set('/p.jpg', { body: await photo('acanthus-mollis'), headers: { etag: '"two"' } })
    expect((await test.ask('src=/p.jpg&w=64')).headers['etag']).toBe(first.headers['etag'])
    await test.clock.advance(300_000)
    expect((await test.ask('src=/p.jpg&w=64')).headers['etag']).not.toBe(first.headers['etag'])
  })

  it.each([
    [undefined, 'public, max-age=3600, stale-while-revalidate=86400'],
    ['max-age=60', 'public, max-age=60'],
    ['s-maxage=0, max-age=60', 'public, max-age=0'],
    ['no-store', 'public, max-age=0'],
    ['max-age=86400', 'public, max-age=3600'],
  ])('with %s is kept by browsers no longer than that: %s', async (stated, expected) => {
    test.origin.files.set('/y.jpg', {
      body: picture,
      headers: stated === undefined ? {} : { 'cache-control': stated, etag: '"1"' },
    })
    expect((await test.ask('src=/y.jpg&w=64')).headers['cache-control']).toBe(expected)
    await test.clock.advance(86_400_000)
    expect((await test.ask('src=/y.jpg&w=64')).headers['cache-control']).toBe(expected)
    await test.restart()
    expect((await test.ask('src=/y.jpg&w=64')).headers['cache-control']).toBe(expected)
    expect((await test.ask('src=/y.jpg&w=64&v=1')).headers['cache-control']).toMatch(/immutable$/)
  })

  it('follows the origin’s max-age', async () => {
    test.origin.files.set('/p.jpg', { body: picture, headers: { 'cache-control': 'public, max-age=10' } })
    await test.ask('src=/p.jpg&w=64')
    await test.clock.advance(9_999)
    await test.ask('src=/p.jpg&w=64')
    expect(test.origin.count('/p.jpg')).toBe(1)
    await test.clock.advance(1)
    await test.ask('src=/p.jpg&w=64')
    expect(test.origin.count('/p.jpg')).toBe(2)
  })

  it('is served as known while its server is away', async () => {
    const first = await test.ask('src=/images/x.jpg&w=64')
    test.origin.handlers.set('/images/x.jpg', (_, response) => void response.writeHead(503).end())
    await test.clock.advance(300_000)
    const stale = await test.ask('src=/images/x.jpg&w=64')
    expect([stale.status, stale.headers['etag']]).toEqual([200, first.headers['etag']])
    test.origin.handlers.delete('/images/x.jpg')
    test.origin.files.delete('/images/x.jpg')
    await test.clock.advance(300_000)
    expect((await test.ask('src=/images/x.jpg&w=64')).status).toBe(404)
  })
})

describe('results on disk', () => {
  it('survive a restart, without the origin', async () => {
    const first = await test.ask('src=/images/x.jpg&w=640', CHROME)
    await resultFiles(test)
    await test.restart()
    test.origin.files.clear()
    const again = await test.ask('src=/images/x.jpg&w=640', CHROME)
    expect([again.status, again.headers['x-image-result']]).toEqual([200, 'disk'])
    expect(again.body.equals(first.body)).toBe(true)
    expect((await test.ask('src=/images/x.jpg&w=640', CHROME)).headers['x-image-result']).toBe('memory')
    expect(test.origin.count('/images/x.jpg')).toBe(1)
  })

  it.each([
    ['cut off', (content: Buffer) => content.subarray(0, content.byteLength - 1)],
    ['emptied', () => Buffer.alloc(0)],
    ['changed in one bit', (content: Buffer) => ((content[content.byteLength - 10]! ^= 1), content)],
  ])('are never served when %s', async (_, damage) => {
    const first = await test.ask('src=/images/x.jpg&w=64', CHROME)
    for (const name of await resultFiles(test)) {
      const file = join(test.folder, name)
      await writeFile(file, damage(await readFile(file)))
    }
    await test.restart()
    const again = await test.ask('src=/images/x.jpg&w=64', CHROME)
    expect([again.status, again.headers['x-image-result']]).toEqual([200, 'optimized'])
    expect(again.body.equals(first.body)).toBe(true)
  })

  it('are bounded; what was used last stays', async () => {
    await test.close()
    test = await startServer({ store: { diskBytes: 1_048_576, memoryBytes: 1_048_576 } })
    const body = await noise(700, 700).png().toBuffer()
    for (let i = 0; i < 4; i++) {
      test.origin.files.set(`/n${i}.png`, { body: Buffer.concat([body, Buffer.from([i])]) })
      await test.ask(`src=/n${i}.png&format=png&q=100&w=640`)
    }
    const health = await waitFor(async () => {
      const { body } = await test.server.app.inject('/health')
      return body.includes('results on disk') ? body : undefined
    })
    expect(health).toContain('healthy')
    const size = (): number =>
      Number(
        test.registry.collect().find(({ name }) => name === 'millrace_assets_disk_size_bytes')?.series[0]
          ?.value,
      )
    await waitFor(() => size() > 400_000)
    expect(size()).toBeLessThanOrEqual(1_048_576)
  })

  it('leave nothing but whole files behind a crash', async () => {
    await test.ask('src=/images/x.jpg&w=64')
    await resultFiles(test)
    await writeFile(join(test.folder, 'tmp', 'half-written'), 'x')
    await test.restart()
    expect(await readdir(join(test.folder, 'tmp'))).toEqual([])
  })

  it('are not needed: a disk that takes nothing degrades the health and no answer', async () => {
    await test.server.close()
    // A file where the folder should be: every write fails, as it does on a full or read-only disk.
    await rename(test.folder, `${test.folder}-away`)
    await writeFile(test.folder, '')
    await test.restart()
    const answer = await test.ask('src=/images/x.jpg&w=64', CHROME)
    expect([answer.status, answer.headers['x-image-result']]).toEqual([200, 'optimized'])
    const health = (await test.server.app.inject('/health')).json() as { state: string; message: string }
    expect(health).toMatchObject({ state: 'degraded', message: expect.stringContaining('not kept on disk') })
    // Once the disk works again, so does the store.
    await rm(test.folder)
    await rename(`${test.folder}-away`, test.folder)
    await test.clock.advance(30_000)
    await test.ask('src=/images/x.jpg&w=128', CHROME)
    await resultFiles(test, 1)
    expect((await test.server.app.inject('/health')).json()).toMatchObject({ state: 'healthy' })
  })
})
