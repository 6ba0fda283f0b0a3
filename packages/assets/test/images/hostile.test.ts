import { deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { createImageOptimizer } from '../../src/index.ts'
import { noise, photo } from '../photos.ts'

const optimizer = createImageOptimizer()
/** A tenth of the default limits, so that the bombs are quick to build. */
const tenth = createImageOptimizer({ maxPixels: 5_000_000 })
const flat = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#888' }, limitInputPixels: false })

/** A PNG chunk (PNG specification, section 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  let crc = 0xffffffff
  for (const byte of body) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE((crc ^ 0xffffffff) >>> 0)
  return Buffer.concat([length, body, check])
}

/** A header that claims a size, with hardly any data behind it. */
function pngClaiming(width: number, height: number, interlaced = false): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, interlaced ? 1 : 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = chunk('IDAT', deflateSync(Buffer.alloc(1_000)))
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))])
}

/** Peak memory would show a decode; the refusal must come before. */
async function refusal(source: Buffer, by = optimizer): Promise<{ code: string; growthMb: number }> {
  const before = process.memoryUsage().rss
  const code = await by.optimize(source, { width: 800 }).then(
    () => 'none',
    (error: { code: string }) => error.code,
  )
  return { code, growthMb: (process.memoryUsage().rss - before) / 1_048_576 }
}

describe('decompression bombs are refused from their header', { timeout: 30_000 }, () => {
  it.each([
    ['a baseline JPEG', () => flat(2_500, 2_500).jpeg({ quality: 1 }).toBuffer()],
    ['a progressive JPEG', () => flat(2_500, 2_500).jpeg({ quality: 1, progressive: true }).toBuffer()],
    ['a PNG', () => flat(2_500, 2_500).png().toBuffer()],
    ['an interlaced PNG', () => flat(2_500, 2_500).png({ progressive: true }).toBuffer()],
    ['a WebP', () => flat(2_500, 2_500).webp({ effort: 0 }).toBuffer()],
    ['a GIF', () => flat(2_500, 2_500).gif({ effort: 1 }).toBuffer()],
    ['an AVIF, at half the limit', () => flat(1_700, 1_700).avif({ effort: 0 }).toBuffer()],
  ])('%s beyond the limit', async (_, make) => {
    const source = await make()
    expect(source.byteLength).toBeLessThan(200_000)
    const { code, growthMb } = await refusal(source, tenth)
    expect(code).toBe('ASSETS_TOO_MANY_PIXELS')
    expect(growthMb).toBeLessThan(15)
  })

  it.each([
    ['a JPEG of 64 MP', () => flat(8_000, 8_000).jpeg({ quality: 1 }).toBuffer()],
    ['a PNG that claims 2 147 483 647²', async () => pngClaiming(2_147_483_647, 2_147_483_647)],
    ['an interlaced PNG that claims 10,000²', async () => pngClaiming(10_000, 10_000, true)],
  ])('%s', async (_, make) => {
    const source = await make()
    const { code, growthMb } = await refusal(source)
    expect(['ASSETS_TOO_MANY_PIXELS', 'ASSETS_IMAGE_CORRUPT']).toContain(code)
    expect(growthMb).toBeLessThan(80)
  })

  it('an animation whose frames add up', async () => {
    const shades = Array.from({ length: 6 }, (_, i) => `rgb(${i * 40},0,0)`)
    const frames = await Promise.all(
      shades.map((background) =>
        sharp({ create: { width: 1_000, height: 1_000, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const source = await sharp(frames, { join: { animated: true } })
      .gif({ effort: 1 })
      .toBuffer()
    expect((await refusal(source, tenth)).code).toBe('ASSETS_TOO_MANY_PIXELS')
  })
})

describe('what is not an image is said to be none', () => {
  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', 'ASSETS_SVG_REFUSED', 415],
    [
      'SVG behind an XML declaration',
      '\uFEFF<?xml version="1.0"?><!-- x --><svg/>',
      'ASSETS_SVG_REFUSED',
      415,
    ],
    [
      'SVG with entities',
      '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
      'ASSETS_SVG_REFUSED',
      415,
    ],
    ['HTML', '<!doctype html><title>404</title>', 'ASSETS_NOT_AN_IMAGE', 422],
    ['text', 'not an image', 'ASSETS_NOT_AN_IMAGE', 422],
    ['nothing', '', 'ASSETS_NOT_AN_IMAGE', 422],
    ['PDF', '%PDF-1.7', 'ASSETS_FORMAT_UNSUPPORTED', 415],
    ['TIFF', 'II*\u0000rest', 'ASSETS_FORMAT_UNSUPPORTED', 415],
    [
      'HEIC',
      '\u0000\u0000\u0000\u0018ftypheic\u0000\u0000\u0000\u0000mif1heic',
      'ASSETS_FORMAT_UNSUPPORTED',
      415,
    ],
    ['only a JPEG’s first bytes', '\u00ff\u00d8\u00ff', 'ASSETS_IMAGE_CORRUPT', 422],
  ])('%s', async (_, text, code, status) => {
    const bytes = text.startsWith('\uFEFF') ? Buffer.from(text) : Buffer.from(text, 'latin1')
    await expect(optimizer.optimize(bytes)).rejects.toMatchObject({ code, status })
  })

  it('a GIF’s header on a PNG’s body', async () => {
    const png = await noise(10, 10).png().toBuffer()
    const source = Buffer.concat([Buffer.from('GIF89a'), png.subarray(6)])
    await expect(optimizer.optimize(source)).rejects.toMatchObject({ code: 'ASSETS_IMAGE_CORRUPT' })
  })
})

describe('a damaged image is refused as such', { timeout: 30_000 }, () => {
  const sources: [string, () => Promise<Buffer>][] = [
    ['JPEG', () => photo('black-canyon')],
    ['PNG', () => noise(300, 300).png().toBuffer()],
    ['WebP', () => noise(300, 300).webp().toBuffer()],
    ['AVIF', () => noise(300, 300).avif({ effort: 0 }).toBuffer()],
    ['GIF', () => noise(300, 300).gif().toBuffer()],
  ]
  it.each(sources)('%s, cut off in the middle', async (_, make) => {
    const source = await make()
    const half = source.subarray(0, Math.floor(source.byteLength / 2))
    await expect(optimizer.optimize(half, { width: 128 })).rejects.toMatchObject({
      code: 'ASSETS_IMAGE_CORRUPT',
      status: 422,
    })
  })

  it.each(sources)('%s, with bytes changed at random, never crashes', async (_, make) => {
    const source = await make()
    let state = 42
    const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
    const outcomes: string[] = []
    for (let round = 0; round < 10; round++) {
      const damaged = Buffer.from(source)
      for (let i = 0; i < 30; i++) damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256)
      const outcome = await optimizer.optimize(damaged, { width: 64 }).then(
        () => 'decoded',
        (error: { code?: string }) => error.code ?? 'unknown',
      )
      outcomes.push(outcome)
    }
    expect(outcomes).toHaveLength(10)
    expect(outcomes).not.toContain('unknown')
  })
})

it('refuses more bytes than allowed', async () => {
  const small = createImageOptimizer({ maxBytes: 1_000 })
  await expect(small.optimize(Buffer.alloc(1_001))).rejects.toMatchObject({
    code: 'ASSETS_SOURCE_TOO_LARGE',
    status: 413,
  })
})
