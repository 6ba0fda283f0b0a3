import { Readable } from 'node:stream'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createImageOptimizer } from '../../src/index.ts'
import { animation, noise, photo } from '../photos.ts'

const optimizer = createImageOptimizer()

describe('optimize', { timeout: 30_000 }, () => {
  it.each(['avif', 'webp', 'jpeg', 'png'] as const)('makes %s at the width asked for', async (format) => {
    const source = await photo('black-canyon')
    const image = await optimizer.optimize(source, { width: 640, format })
    const read = await sharp(image.data).metadata()
    expect(read.format).toBe(format === 'avif' ? 'heif' : format)
    expect([image.width, read.width]).toEqual([640, 640])
    expect(image.height).toBe(read.height)
    expect(image.originalBytes).toBe(source.byteLength)
  })

  it.each(['avif', 'webp', 'jpeg'] as const)('makes a photograph much smaller as %s', async (format) => {
    const source = await photo('airplane-from-above')
    const { data } = await optimizer.optimize(source, { width: 640, format })
    expect(data.byteLength).toBeLessThan(source.byteLength * 0.5)
  })

  it('makes AVIF smaller than WebP, and WebP than JPEG, at about the same looks', async () => {
    const source = await photo('black-canyon')
    const bytes = async (format: 'avif' | 'webp' | 'jpeg', quality: number): Promise<number> =>
      (await optimizer.optimize(source, { width: 640, format, quality })).data.byteLength
    const [avif, webp, jpeg] = [await bytes('avif', 50), await bytes('webp', 80), await bytes('jpeg', 80)]
    expect(avif).toBeLessThan(webp)
    expect(webp).toBeLessThan(jpeg)
  })

  it('applies the EXIF orientation and strips all metadata', async () => {
    const source = await noise(300, 200)
      .withMetadata({ orientation: 6 })
      .withExifMerge({ IFD0: { Copyright: 'somebody', ImageDescription: 'at home' } })
      .jpeg()
      .toBuffer()
    expect((await sharp(source).metadata()).exif).toBeDefined()
    for (const format of ['jpeg', 'webp', 'avif', 'png'] as const) {
      const image = await optimizer.optimize(source, { format })
      expect([image.width, image.height]).toEqual([200, 300])
      const read = await sharp(image.data).metadata()
      expect([read.exif, read.xmp, read.iptc, read.icc]).toEqual([undefined, undefined, undefined, undefined])
      expect(image.data.includes('somebody')).toBe(false)
    }
    expect(await optimizer.getDimensions(source)).toMatchObject({ width: 200, height: 300, format: 'jpeg' })
  })

  it('turns the picture the right way round', async () => {
    // Left half red, right half blue, stored to be shown turned by 90° clockwise: red ends on top.
    const blue = await sharp({ create: { width: 32, height: 64, channels: 3, background: 'blue' } })
      .png()
      .toBuffer()
    const source = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .composite([{ input: blue, left: 32, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer()
    const { data } = await optimizer.optimize(source, { format: 'png', quality: 100 })
    const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true })
    const at = (x: number, y: number): number[] => [
      ...pixels.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3),
    ]
    expect(at(5, 5)[0]).toBeGreaterThan(200)
    expect(at(60, 5)[0]).toBeGreaterThan(200)
    expect(at(5, 60)[2]).toBeGreaterThan(200)
  })

  it('keeps alpha, and puts white behind it where the format has none', async () => {
    const source = await sharp({
      create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    for (const format of ['avif', 'webp', 'png'] as const) {
      const { data } = await optimizer.optimize(source, { format })
      expect((await sharp(data).metadata()).hasAlpha).toBe(true)
    }
    const { data } = await optimizer.optimize(source, { format: 'jpeg' })
    expect((await sharp(data).stats()).channels[0]?.mean).toBeGreaterThan(250)
    expect((await optimizer.optimize(source, { accept: '*/*' })).format).toBe('png')
  })

  it.each(['gif', 'webp'] as const)('keeps an animated %s animated', async (format) => {
    const image = await optimizer.optimize(await animation(format), { width: 32, accept: 'image/webp' })
    const read = await sharp(image.data, { animated: true }).metadata()
    expect([read.format, read.pages, image.width, image.height]).toEqual(['webp', 2, 32, 21])
  })

  it('refuses an animation where the format would lose it', async () => {
    const source = await animation('gif')
    await expect(optimizer.optimize(source, { format: 'avif' })).rejects.toMatchObject({
      code: 'ASSETS_ANIMATION_UNSUPPORTED',
      status: 406,
    })
    await expect(optimizer.optimize(source, { accept: 'image/png' })).rejects.toMatchObject({ status: 406 })
  })

  it('never enlarges', async () => {
    const source = await noise(100, 50).jpeg().toBuffer()
    const wide = await optimizer.optimize(source, { width: 1_920 })
    expect([wide.width, wide.height]).toEqual([100, 50])
    const cropped = await optimizer.optimize(source, { width: 640, height: 640, fit: 'cover' })
    expect([cropped.width, cropped.height]).toEqual([50, 50])
  })

  it('stays within 1920 × 1080 by default, whatever is asked', async () => {
    const source = await sharp({ create: { width: 2_400, height: 1_800, channels: 3, background: 'tan' } })
      .jpeg()
      .toBuffer()
    const image = await optimizer.optimize(source, { width: 16_000 })
    expect([image.width, image.height]).toEqual([1_440, 1_080])
  })

  it('rounds the width up to the ladder, so that variants are few', async () => {
    const source = await noise(2_000, 1_000).jpeg().toBuffer()
    for (const [asked, given] of [
      [1, 16],
      [600, 640],
      [641, 750],
    ]) {
      expect((await optimizer.optimize(source, { width: asked })).width).toBe(given)
    }
  })

  it('crops to the shape of the box', async () => {
    const source = await noise(1_000, 1_000).jpeg().toBuffer()
    const image = await optimizer.optimize(source, { width: 640, height: 360, fit: 'cover' })
    expect([image.width, image.height]).toEqual([640, 360])
  })

  it('converts CMYK and wide colours to sRGB', async () => {
    const source = await noise(64, 64).toColourspace('cmyk').jpeg().toBuffer()
    const { data } = await optimizer.optimize(source, { format: 'webp' })
    expect((await sharp(data).metadata()).space).toBe('srgb')
  })

  it('reads a stream', async () => {
    const source = await photo('acanthus-mollis')
    const image = await optimizer.optimize(Readable.from([source.subarray(0, 1_000), source.subarray(1_000)]))
    expect(image.originalBytes).toBe(source.byteLength)
  })

  it.each([{ width: 0 }, { height: 1.5 }, { quality: 101 }, { width: 20_000 }])(
    'refuses %o',
    async (request) => {
      const source = await noise(10, 10).jpeg().toBuffer()
      await expect(optimizer.optimize(source, request)).rejects.toMatchObject({
        code: 'ASSETS_PARAMETER_INVALID',
      })
    },
  )

  it('refuses formats that are switched off', async () => {
    const source = await noise(10, 10).jpeg().toBuffer()
    const few = createImageOptimizer({ formats: ['webp', 'jpeg'] })
    await expect(few.optimize(source, { format: 'avif' })).rejects.toThrow('accepted: webp, jpeg')
    expect((await few.optimize(source, { accept: 'image/avif,image/webp' })).format).toBe('webp')
  })
})
