import { IMAGE_FORMATS, type ImageFormat, type ImageRequest } from '@millrace/core'
import { assetsErrors } from '../errors.ts'

export interface ImageParameters {
  src: string
  request: ImageRequest
  /** A version in the address: its picture never changes. */
  versioned: boolean
}

const FITS = ['inside', 'cover'] as const

/**
 * `src`, `w`, `h`, `q`, `format`, `fit`, `v`; others are ignored.
 * @throws ASSETS_PARAMETER_INVALID
 */
export function parseParameters(query: URLSearchParams, accept: string | undefined): ImageParameters {
  const src = single(query, 'src')
  if (src === undefined) throw invalid('src', '', 'a path, or an http(s) address on the allow list')
  const format = choice(query, 'format', ['auto', ...IMAGE_FORMATS] as const)
  const fit = choice(query, 'fit', FITS)
  const width = whole(query, 'w', 16_383)
  const height = whole(query, 'h', 16_383)
  const quality = whole(query, 'q', 100)
  return {
    src,
    versioned: query.has('v'),
    request: {
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(quality === undefined ? {} : { quality }),
      ...(fit === undefined ? {} : { fit }),
      ...(format === undefined || format === 'auto' ? {} : { format: format satisfies ImageFormat }),
      ...(accept === undefined ? {} : { accept }),
    },
  }
}

/** An empty value counts as absent: `&h=&q=`. */
function single(query: URLSearchParams, field: string): string | undefined {
  const values = query.getAll(field)
  if (values.length > 1) throw invalid(field, values.join(', '), 'one value')
  return values[0] === '' ? undefined : values[0]
}

function whole(query: URLSearchParams, field: string, max: number): number | undefined {
  const text = single(query, field)
  if (text === undefined) return undefined
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > max) throw invalid(field, text, `a whole number from 1 to ${max}`)
  return value
}

function choice<const Value extends string>(
  query: URLSearchParams,
  field: string,
  accepted: readonly Value[],
): Value | undefined {
  const text = single(query, field)
  if (text === undefined) return undefined
  const known = accepted.find((value) => value === text)
  if (known === undefined) throw invalid(field, text, accepted.join(', '))
  return known
}

const invalid = (field: string, value: string, accepted: string): Error =>
  assetsErrors.PARAMETER_INVALID({ field, value: value.slice(0, 200), accepted })
