import { prefixQuery } from '@millrace-store/store/service'
import { describe, expect, it } from 'vitest'

describe('prefixQuery', () => {
  it('asks for every word by its beginning', () => {
    expect(prefixQuery('Blue Mou')).toBe('blue:* & mou:*')
  })

  it('keeps letters of all scripts and drops what tsquery would read as syntax', () => {
    expect(prefixQuery("Zürich | !(x) & y:* 'quoted'")).toBe('zürich:* & x:* & y:* & quoted:*')
  })

  it('is empty when nothing is left, which matches nothing', () => {
    expect(prefixQuery(' !?& ')).toBe('')
  })
})
