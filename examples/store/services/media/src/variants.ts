import { createImageOptimizer } from '@millrace/assets'
import type { ImageFormat } from '@millrace/core'

/** What may be uploaded: pictures, in formats that the optimiser reads. Animations are not products. */
export const ACCEPTED_FORMATS = ['jpeg', 'png', 'webp', 'avif'] as const

export const MAX_UPLOAD_BYTES = 10 * 1_024 * 1_024

/** The boxes into which every upload is fitted; small pictures are not enlarged. */
const PRESETS = [
  { name: 'thumbnail', width: 150, height: 150, quality: 70 },
  { name: 'small', width: 400, height: 400, quality: 75 },
  { name: 'medium', width: 800, height: 800, quality: 80 },
  { name: 'large', width: 1_920, height: 1_920, quality: 85 },
] as const

export const VARIANT_NAMES = PRESETS.map((preset) => preset.name)
export type VariantName = (typeof VARIANT_NAMES)[number]

/** Every browser in use shows it, and a stored file has to suit all of them. */
export const VARIANT_FORMAT: ImageFormat = 'webp'
export const VARIANT_MIME_TYPE = 'image/webp'

const optimizer = createImageOptimizer({
  formats: [VARIANT_FORMAT],
  widths: PRESETS.map((preset) => preset.width),
  maxHeight: 1_920,
  maxBytes: MAX_UPLOAD_BYTES,
})

export interface Variant {
  name: VariantName
  data: Buffer
  width: number
  height: number
}

export interface OptimizedUpload {
  format: string
  width: number
  height: number
  variants: Variant[]
}

/**
 * Decodes the upload, which also proves that it is the picture it claims to be, and makes its sizes without metadata.
 * @throws ASSETS_* when it is damaged, too large, or something else
 */
export async function optimizeUpload(upload: Buffer): Promise<OptimizedUpload> {
  const { format, width, height } = await optimizer.getDimensions(upload)
  const variants: Variant[] = []
  // One after the other: sharp uses several threads for each.
  for (const { name, ...box } of PRESETS) {
    const result = await optimizer.optimize(upload, { ...box, format: VARIANT_FORMAT })
    variants.push({ name, data: result.data, width: result.width, height: result.height })
  }
  return { format, width, height, variants }
}
