import { describe, expect, it } from 'vitest'
import {
  createTraceId,
  createTraceparent,
  isRequestId,
  isTraceparent,
} from '../../src/proxy/trace-context.ts'

describe('trace context', () => {
  it('accepts what W3C Trace Context accepts', () => {
    expect(isTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00')).toBe(true)
    // A later version may append fields.
    expect(isTraceparent('01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later')).toBe(true)
    const invalid = [
      'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      '00-00000000000000000000000000000000-b7ad6b7169203331-01',
      '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
      '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
      '',
    ]
    expect(invalid.filter(isTraceparent)).toEqual([])
  })

  it('creates distinct ids over refills of the random pool', () => {
    const ids = Array.from({ length: 5_000 }, createTraceId)
    expect(new Set(ids).size).toBe(5_000)
    expect(ids.every((id) => /^[\da-f]{32}$/.test(id))).toBe(true)
    const [id = ''] = ids
    expect(isTraceparent(createTraceparent(id, true))).toBe(true)
    expect(createTraceparent(id, false)).toMatch(/-00$/)
  })

  it('takes request ids only if they are safe in a log and a header', () => {
    expect(['a', 'Root=1-67891233-abcdef012345678912345678', 'x'.repeat(128)].every(isRequestId)).toBe(true)
    expect(['', 'a b', 'a"b', 'x'.repeat(129), 'é', 'a\n'].some(isRequestId)).toBe(false)
  })
})
