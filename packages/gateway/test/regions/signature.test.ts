import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSigned, sign, verify } from '../../src/regions/signature.ts'

const SECRET = 'a secret of all the regions'
const fields = fc.dictionary(fc.stringMatching(/^[a-r]{1,3}$/), fc.string({ maxLength: 40 }), { maxKeys: 6 })

describe('signatures between regions', () => {
  it('every field comes out as it was signed, and the header is one line of ASCII', () => {
    fc.assert(
      fc.property(fields, (given) => {
        const header = sign(SECRET, 'hop', given)
        expect(header).toMatch(/^[\x21-\x7e]*$/)
        expect(verify(SECRET, 'hop', header)).toEqual({ ...given, v: '1' })
      }),
    )
  })

  it('nothing that was changed, or signed with another secret or for another purpose, is believed', () => {
    fc.assert(
      fc.property(fields, fc.nat(), fc.integer({ min: 33, max: 126 }), (given, at, code) => {
        const header = sign(SECRET, 'hop', given)
        expect(verify('another secret of somebody', 'hop', header)).toBeUndefined()
        expect(verify(SECRET, 'health', header)).toBeUndefined()
        const place = at % header.length
        const changed = header.slice(0, place) + String.fromCharCode(code) + header.slice(place + 1)
        const read = verify(SECRET, 'hop', changed)
        // Another way to write the same, such as %61 for a: what is read is what was signed.
        expect(read ?? { ...given, v: '1' }).toEqual({ ...given, v: '1' })
      }),
      { numRuns: 500 },
    )
  })

  it('what is no signature at all is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(verify(SECRET, 'hop', text)).toBeUndefined()
      }),
    )
    expect(verify(SECRET, 'hop', `a=${'x'.repeat(3_000)}`)).toBeUndefined()
    expect(verify(SECRET, 'hop', 'a=%zz;s=x')).toBeUndefined()
  })

  it('is of a peer, and of now, give or take the difference of clocks that is allowed', () => {
    const expected = { peers: ['us'], now: 1_000_000, maxClockSkewMs: 30_000 }
    expect(checkSigned({ from: 'us', t: '970000' }, expected)).toBeUndefined()
    expect(checkSigned({ from: 'us', t: '1030000' }, expected)).toBeUndefined()
    expect(checkSigned({ from: 'us', t: '969999' }, expected)).toContain('-30 s away')
    expect(checkSigned({ from: 'us', t: '1030001' }, expected)).toContain('30 s away')
    expect(checkSigned({ from: 'us', t: 'soon' }, expected)).toContain('away')
    expect(checkSigned({ from: 'us' }, expected)).toContain('away')
    expect(checkSigned({ from: 'moon', t: '1000000' }, expected)).toContain("'moon' is no peer")
  })
})
