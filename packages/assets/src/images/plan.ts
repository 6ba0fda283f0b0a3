import { IMAGE_FORMATS, type ImageFormat, type ImageRequest } from '@millrace/core'
import sharp from 'sharp'
import { assetsErrors } from '../errors.ts'
import { requestedBox, type Box } from './dimensions.ts'
import type { ImageFacts } from './facts.ts'
import { negotiateFormat } from './negotiate.ts'
import type { OptimizerSettings } from './options.ts'

/** Raise it when the same plan begins to give other bytes: stored results of the older one are not used again. */
const PLAN_VERSION = 1

/** Everything that decides the bytes of the result, apart from the source. */
export interface Plan extends Box {
  format: ImageFormat
  quality: number
  animated: boolean
}

/** Qualities are rounded to a multiple of this, which bounds the variants of one source. */
const QUALITY_STEP = 5

/**
 * @throws ASSETS_PARAMETER_INVALID, ASSETS_ANIMATION_UNSUPPORTED
 */
export function planImage(request: ImageRequest, facts: ImageFacts, settings: OptimizerSettings): Plan {
  checkRequest(request, settings)
  const animated = facts.pages > 1
  const format =
    request.format ??
    negotiateFormat(request.accept, { hasAlpha: facts.hasAlpha, animated }, settings.formats)
  if (format === undefined || (animated && format !== 'webp')) {
    throw assetsErrors.ANIMATION_UNSUPPORTED({ format: request.format ?? request.accept ?? 'other' })
  }
  const quality =
    request.quality === undefined
      ? settings.quality[format]
      : Math.min(100, Math.max(QUALITY_STEP, Math.round(request.quality / QUALITY_STEP) * QUALITY_STEP))
  return { ...requestedBox(request, settings), format, quality, animated }
}

function checkRequest(request: ImageRequest, settings: OptimizerSettings): void {
  check('width', request.width, 16_383)
  check('height', request.height, 16_383)
  check('quality', request.quality, 100)
  if (request.format !== undefined && !settings.formats.includes(request.format)) {
    const accepted = IMAGE_FORMATS.filter((format) => settings.formats.includes(format)).join(', ')
    throw assetsErrors.PARAMETER_INVALID({ field: 'format', value: request.format, accepted })
  }
}

function check(field: string, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= max)) return
  const accepted = `a whole number from 1 to ${max}`
  throw assetsErrors.PARAMETER_INVALID({ field, value: String(value), accepted })
}

/** Identifies a plan's result for one source, across restarts and releases of the encoders. */
export const planKey = (plan: Plan, avifEffort: number): string =>
  [
    PLAN_VERSION,
    sharp.versions.sharp,
    plan.format === 'avif' ? `avif${avifEffort}` : plan.format,
    plan.quality,
    `${plan.width}x${plan.height}`,
    plan.fit,
    plan.animated ? 'animated' : 'still',
  ].join(' ')
