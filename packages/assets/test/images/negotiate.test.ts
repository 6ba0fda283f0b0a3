import { IMAGE_FORMATS, type ImageFormat } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { negotiateFormat } from '../../src/index.ts'

const photo = { hasAlpha: false, animated: false }
const logo = { hasAlpha: true, animated: false }
const clip = { hasAlpha: false, animated: true }

describe('negotiateFormat', () => {
  it.each([
    ['Chrome', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif', 'avif'],
    ['Safari 15', 'image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5', 'webp', 'webp'],
    ['an old browser', 'image/png,image/*;q=0.8,*/*;q=0.5', 'jpeg', 'png'],
    ['curl', '*/*', 'jpeg', 'png'],
    ['nobody', undefined, 'jpeg', 'png'],
    ['something broken', ';;;,q=1,///', 'jpeg', 'png'],
    ['AVIF ruled out', 'image/avif;q=0,image/webp,*/*', 'webp', 'webp'],
    ['JPEG preferred', 'image/avif;q=0.5,image/webp;q=0.8,image/jpeg,image/png', 'jpeg', 'png'],
    ['only WebP', 'image/webp', 'webp', 'webp'],
  ])('%s', (_, accept, forPhoto, forLogo) => {
    expect(negotiateFormat(accept, photo, IMAGE_FORMATS)).toBe(forPhoto)
    expect(negotiateFormat(accept, logo, IMAGE_FORMATS)).toBe(forLogo)
  })

  it.each([
    ['*/*', 'webp'],
    [undefined, 'webp'],
    ['image/webp', 'webp'],
    ['image/png', undefined],
    ['image/webp;q=0,*/*', undefined],
  ])('an animation for %s is %s', (accept, format) => {
    expect(negotiateFormat(accept, clip, IMAGE_FORMATS)).toBe(format)
  })

  const weight = fc.constantFrom('', ';q=0', ';q=0.2', ';q=0.5', ';q=0.8', ';q=1')
  const type = fc.constantFrom(
    'image/avif',
    'image/webp',
    'image/jpeg',
    'image/png',
    'image/*',
    '*/*',
    'text/html',
  )
  const accepts = fc
    .array(fc.tuple(type, weight), { maxLength: 8 })
    .map((parts) => parts.map(([type, weight]) => `${type}${weight}`).join(', '))
  const enabled = fc.subarray([...IMAGE_FORMATS], { minLength: 1 })

  it('answers something enabled to everybody', () => {
    fc.assert(
      fc.property(fc.oneof(accepts, fc.string()), fc.boolean(), enabled, (accept, hasAlpha, formats) => {
        expect(formats).toContain(negotiateFormat(accept, { hasAlpha, animated: false }, formats))
      }),
    )
  })

  it('never sends AVIF or WebP to who does not name it, unless nothing else is enabled', () => {
    fc.assert(
      fc.property(accepts, (accept) => {
        const format = negotiateFormat(accept, photo, IMAGE_FORMATS)
        const modern: ImageFormat[] = ['avif', 'webp']
        return format === undefined || !modern.includes(format) || accept.includes(`image/${format}`)
      }),
    )
    expect(negotiateFormat('*/*', photo, ['avif'])).toBe('avif')
  })

  it('does not depend on the order of the header when every type appears once', () => {
    const distinct = fc.uniqueArray(fc.tuple(type, weight), { selector: ([name]) => name, maxLength: 7 })
    fc.assert(
      fc.property(distinct, fc.boolean(), (parts, hasAlpha) => {
        const header = (list: typeof parts): string => list.map((part) => part.join('')).join(',')
        const facts = { hasAlpha, animated: false }
        const there = negotiateFormat(header(parts), facts, IMAGE_FORMATS)
        expect(negotiateFormat(header(parts.toReversed()), facts, IMAGE_FORMATS)).toBe(there)
      }),
    )
  })
})
