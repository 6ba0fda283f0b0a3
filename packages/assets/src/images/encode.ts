import { MillraceError, type OptimizedImage } from '@millrace/core'
import sharp, { type Sharp } from 'sharp'
import { assetsErrors } from '../errors.ts'
import { resultSize } from './dimensions.ts'
import { decodeError, decodeOptions, type ImageFacts } from './facts.ts'
import type { OptimizerSettings } from './options.ts'
import type { Plan } from './plan.ts'

// One thread per image: more images at once use the cores as well and cost less CPU each (measured in research/).
sharp.concurrency(1)
// Sources are buffers that never come again; results are kept elsewhere.
sharp.cache(false)

/**
 * Decodes, orients, resizes and encodes one image. Metadata is stripped, colours are converted to sRGB, animation and
 * alpha are kept; JPEG, which has no alpha, gets a white background.
 * @throws ASSETS_IMAGE_CORRUPT, ASSETS_PROCESSING_TIMEOUT
 */
export async function encodeImage(
  source: Uint8Array,
  facts: ImageFacts,
  plan: Plan,
  settings: Pick<OptimizerSettings, 'avifEffort' | 'maxPixels' | 'timeoutMs'>,
): Promise<OptimizedImage> {
  const size = resultSize(facts, plan)
  const pipeline = sharp(source, decodeOptions(settings.maxPixels, plan.animated))
    .timeout({ seconds: Math.max(1, Math.ceil(settings.timeoutMs / 1_000)) })
    .autoOrient()
    .resize({ ...size, fit: plan.fit === 'cover' ? 'cover' : 'fill', withoutEnlargement: true })
  if (plan.format === 'jpeg' && facts.hasAlpha) pipeline.flatten({ background: '#ffffff' })
  try {
    const { data, info } = await withFormat(pipeline, plan, settings.avifEffort).toBuffer({
      resolveWithObject: true,
    })
    const height = plan.animated ? (info.pageHeight ?? info.height) : info.height
    return { data, format: plan.format, width: info.width, height, originalBytes: source.byteLength }
  } catch (error) {
    if (error instanceof MillraceError) throw error
    if (error instanceof Error && /timeout/i.test(error.message)) {
      throw assetsErrors.PROCESSING_TIMEOUT({ timeoutMs: settings.timeoutMs }, error)
    }
    throw decodeError(error)
  }
}

function withFormat(pipeline: Sharp, { format, quality }: Plan, avifEffort: number): Sharp {
  if (format === 'avif') return pipeline.avif({ quality, effort: avifEffort })
  if (format === 'webp') return pipeline.webp({ quality })
  if (format === 'jpeg') return pipeline.jpeg({ quality, mozjpeg: true })
  // PNG below 100: as few colours as that quality needs; 100 is lossless.
  return pipeline.png(quality === 100 ? { compressionLevel: 9 } : { quality, compressionLevel: 9 })
}
