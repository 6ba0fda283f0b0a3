import type { ImageFormat } from '@millrace/core'

export interface NegotiationFacts {
  hasAlpha: boolean
  animated: boolean
}

interface MediaRange {
  type: string
  q: number
}

/** `Accept` as ranges with their weights; malformed parts are skipped (RFC 9110, section 12.5.1). */
export function parseAccept(header: string): MediaRange[] {
  const ranges: MediaRange[] = []
  // What is longer than any real header is not worth reading.
  for (const part of header.slice(0, 2_000).split(',')) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    if (!/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/.test(type)) continue
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    const q = weight === undefined ? 1 : Number(weight)
    ranges.push({ type, q: q >= 0 && q <= 1 ? q : 0 })
  }
  return ranges
}

/** The weight of a type: of the most specific range that matches it; undefined when none does. */
function weightOf(type: string, ranges: readonly MediaRange[]): number | undefined {
  const exact = ranges.find((range) => range.type === type)
  return (
    exact ??
    ranges.find((range) => range.type === 'image/*') ??
    ranges.find((range) => range.type === '*/*')
  )?.q
}

/**
 * The best format for a client: by its weights, and among equal ones AVIF, then WebP, then PNG where there is alpha
 * and JPEG where there is none. AVIF and WebP need to be named: old clients send `image/*` and read neither. An
 * animation is WebP for everybody who does not rule it out.
 *
 * @returns undefined only for an animation that the client does not take as WebP.
 */
export function negotiateFormat(
  accept: string | undefined,
  facts: NegotiationFacts,
  enabled: readonly ImageFormat[],
): ImageFormat | undefined {
  const ranges = parseAccept(accept ?? '')
  if (facts.animated) {
    const weight = accept === undefined ? 1 : weightOf('image/webp', ranges)
    return weight !== undefined && weight > 0 && enabled.includes('webp') ? 'webp' : undefined
  }
  const fallback = fallbackFormat(facts.hasAlpha, enabled)
  let best = fallback
  // A client that names no type we could fall back to still gets it: a picture helps more than a 406.
  let bestWeight = weightOf(`image/${fallback}`, ranges) ?? 0
  for (const format of ['webp', 'avif'] as const) {
    const weight = ranges.find((range) => range.type === `image/${format}`)?.q ?? 0
    if (weight > 0 && weight >= bestWeight && enabled.includes(format)) {
      best = format
      bestWeight = weight
    }
  }
  return best
}

function fallbackFormat(hasAlpha: boolean, enabled: readonly ImageFormat[]): ImageFormat {
  const order: ImageFormat[] = hasAlpha ? ['png', 'webp', 'avif', 'jpeg'] : ['jpeg', 'png', 'webp', 'avif']
  return order.find((format) => enabled.includes(format)) ?? 'jpeg'
}
