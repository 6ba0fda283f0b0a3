import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { ImageFormat, ImageRequest, OptimizedImage } from '@millrace/core'
import { assetsErrors } from '../errors.ts'
import { encodeImage } from './encode.ts'
import { readFacts, type ImageFacts } from './facts.ts'
import { negotiateFormat, type NegotiationFacts } from './negotiate.ts'
import { resolveOptions, type ImageOptimizerOptions, type OptimizerSettings } from './options.ts'
import { planImage, planKey } from './plan.ts'

export type ImageInput = Uint8Array | Readable

/** Images as a library: no server, no network, no state but the cache that is passed in. */
export interface StandaloneOptimizer {
  /**
   * @throws ASSETS_PARAMETER_INVALID, ASSETS_SOURCE_TOO_LARGE, ASSETS_TOO_MANY_PIXELS, ASSETS_SVG_REFUSED,
   * ASSETS_FORMAT_UNSUPPORTED, ASSETS_NOT_AN_IMAGE, ASSETS_IMAGE_CORRUPT, ASSETS_ANIMATION_UNSUPPORTED,
   * ASSETS_PROCESSING_TIMEOUT
   */
  optimize(input: ImageInput, request?: ImageRequest): Promise<OptimizedImage>
  /** The best format for an `Accept` header among those enabled. */
  negotiate(accept: string | undefined, facts?: Partial<NegotiationFacts>): ImageFormat | undefined
  /** Format, size as shown, frames and alpha, from the header alone. */
  getDimensions(input: ImageInput): Promise<ImageFacts>
}

export function createImageOptimizer(options: ImageOptimizerOptions = {}): StandaloneOptimizer {
  const settings = resolveOptions(options)
  const { cache } = options
  return {
    async optimize(input, request = {}) {
      const source = await readInput(input, settings)
      const facts = await readFacts(source, settings)
      const plan = planImage(request, facts, settings)
      const encode = (): Promise<OptimizedImage> => encodeImage(source, facts, plan, settings)
      if (cache === undefined) return encode()
      const key = `${contentHash(source)} ${planKey(plan, settings.avifEffort)}`
      return cache.getOrSet('images', key, encode)
    },
    negotiate: (accept, facts = {}) =>
      negotiateFormat(accept, { hasAlpha: false, animated: false, ...facts }, settings.formats),
    async getDimensions(input) {
      return readFacts(await readInput(input, settings), settings)
    },
  }
}

export const contentHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function readInput(input: ImageInput, { maxBytes }: OptimizerSettings): Promise<Uint8Array> {
  const tooLarge = (): Error => assetsErrors.SOURCE_TOO_LARGE({ src: 'the input', maxBytes })
  if (input instanceof Uint8Array) {
    if (input.byteLength > maxBytes) throw tooLarge()
    return input
  }
  const chunks: Buffer[] = []
  let bytes = 0
  // Leaving the loop by an exception destroys the stream.
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    bytes += part.byteLength
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(part)
  }
  return Buffer.concat(chunks, bytes)
}
