import { describe, expect, it } from 'vitest'
import { pagesToShow } from '../client/components/pagination.tsx'
import { optimizedUrl, widthsOf } from '../client/components/picture.tsx'
import { capitalize, formatBytes, formatDuration, formatPrice, splitTitle } from '../client/data/format.ts'
import { query } from '../client/data/http.ts'

describe('widthsOf', () => {
  it('never asks for more than the picture has', () => {
    expect(widthsOf({ width: 1_600, height: 900 })).toEqual([128, 256, 384, 640, 828, 1_080, 1_600])
  })

  it('takes the greatest height into account', () => {
    // 1,080 high means 810 wide: 828 would be a promise that is not kept.
    expect(widthsOf({ width: 1_500, height: 2_000 })).toEqual([128, 256, 384, 640])
  })
})

describe('optimizedUrl', () => {
  it('names the picture and the width', () => {
    expect(optimizedUrl('/images/a b.jpg', 640)).toBe('/_millrace/image?src=%2Fimages%2Fa%20b.jpg&w=640')
  })
})

describe('pagesToShow', () => {
  it.each([
    [1, 1, [1]],
    [1, 3, [1, 2, 3]],
    [1, 84, [1, 2, 0, 84]],
    [40, 84, [1, 0, 39, 40, 41, 0, 84]],
    [84, 84, [1, 0, 83, 84]],
  ])('on page %i of %i', (page, pages, shown) => {
    expect(pagesToShow(page, pages)).toEqual(shown)
  })
})

describe('texts', () => {
  it('splits a title into the picture and what it is printed as', () => {
    expect(splitTitle('Boats in River, Nagasaki: The Junk. Framed in oak, 30 × 40 cm')).toEqual({
      picture: 'Boats in River, Nagasaki: The Junk',
      variant: 'Framed in oak, 30 × 40 cm',
    })
    expect(splitTitle('No format')).toEqual({ picture: 'No format', variant: '' })
  })

  it('writes prices, sizes and durations', () => {
    expect(formatPrice(123_450, 'EUR')).toBe('€1,234.50')
    expect(formatBytes(20_400)).toBe('20 kB')
    expect(formatBytes(2_340_000)).toBe('2.3 MB')
    expect(formatDuration(605)).toBe('10:05')
    expect(capitalize('framed')).toBe('Framed')
  })

  it('leaves empty parameters out of a query', () => {
    expect(query({ a: 1, b: undefined, c: '', d: 'x y' })).toBe('?a=1&d=x+y')
    expect(query({})).toBe('')
  })
})
