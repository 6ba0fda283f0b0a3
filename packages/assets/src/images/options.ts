import { IMAGE_FORMATS, type Cache, type ImageFormat } from '@millrace/core'
import { assetsErrors } from '../errors.ts'
import type { SizeLimits } from './dimensions.ts'

/** Placeholders; thumbnail, small, medium and large (150, 400, 800, 1920); device pixels of phones, tablets, screens. */
export const DEFAULT_WIDTHS = [
  16, 32, 64, 128, 150, 256, 384, 400, 640, 750, 800, 828, 1_080, 1_200, 1_600, 1_920,
] as const

export const DEFAULT_QUALITY: Readonly<Record<ImageFormat, number>> = {
  webp: 80,
  avif: 75,
  jpeg: 85,
  png: 90,
}

export interface ImageOptimizerOptions {
  /** Formats that may be produced. Default: all four. */
  formats?: readonly ImageFormat[]
  /** 1–100 by format. Default: WebP 80, AVIF 75, JPEG 85, PNG 90. */
  quality?: Partial<Record<ImageFormat, number>>
  /** Default 1,920. */
  maxWidth?: number
  /** Default 1,080. */
  maxHeight?: number
  /** Widths that are produced; a requested one is rounded up. Default: `DEFAULT_WIDTHS`. */
  widths?: readonly number[]
  /** Of the source. Default 25 MiB. */
  maxBytes?: number
  /** Of the source, over all frames. Default 50,000,000; for AVIF half of it. */
  maxPixels?: number
  /** 0–9. Default 2: four times as fast as 4 for a tenth more bytes. */
  avifEffort?: number
  /** For one image. Default 10 s. */
  timeoutMs?: number
  /** Keeps results, by the hash of the source and the request. Default: none are kept. */
  cache?: Cache
}

export interface OptimizerSettings extends SizeLimits {
  formats: readonly ImageFormat[]
  quality: Readonly<Record<ImageFormat, number>>
  maxBytes: number
  maxPixels: number
  avifEffort: number
  timeoutMs: number
}

/** @throws ASSETS_OPTION_INVALID */
export function resolveOptions(options: ImageOptimizerOptions): OptimizerSettings {
  const widths = [...(options.widths ?? DEFAULT_WIDTHS)].sort((a, b) => a - b)
  const formats = options.formats ?? IMAGE_FORMATS
  const quality = { ...DEFAULT_QUALITY, ...options.quality }
  for (const format of formats) whole(`quality.${format}`, quality[format], 1, 100)
  if (formats.length === 0 || formats.some((format) => !IMAGE_FORMATS.includes(format))) {
    throw assetsErrors.OPTION_INVALID({
      field: 'formats',
      value: formats,
      accepted: `at least one of ${IMAGE_FORMATS.join(', ')}`,
    })
  }
  for (const width of widths) whole('widths', width, 1, 16_383)
  return {
    formats,
    quality,
    widths,
    // What WebP can hold.
    maxWidth: whole('maxWidth', options.maxWidth ?? 1_920, 1, 16_383),
    maxHeight: whole('maxHeight', options.maxHeight ?? 1_080, 1, 16_383),
    maxBytes: whole('maxBytes', options.maxBytes ?? 25 * 1_048_576, 1, 2 ** 31),
    maxPixels: whole('maxPixels', options.maxPixels ?? 50_000_000, 1, 268_402_689),
    avifEffort: whole('avifEffort', options.avifEffort ?? 2, 0, 9),
    timeoutMs: whole('timeoutMs', options.timeoutMs ?? 10_000, 1, 3_600_000),
  }
}

function whole(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw assetsErrors.OPTION_INVALID({ field, value, accepted: `a whole number from ${min} to ${max}` })
}
