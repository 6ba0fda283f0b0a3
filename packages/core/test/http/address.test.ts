import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../src/http/index.ts'

const octet = fc.integer({ min: 0, max: 255 })
const v4 = fc.tuple(octet, octet, octet, octet)

/** Ranges of the IANA special-purpose registry, as first octets plus what follows. */
const special = fc.oneof(
  ...[
    [0],
    [10],
    [127],
    [169, 254],
    [172, 16],
    [172, 31],
    [192, 168],
    [100, 64],
    [100, 127],
    [198, 18],
    [198, 19],
  ].map((head) => fc.tuple(octet, octet, octet, octet).map((rest) => [...head, ...rest].slice(0, 4))),
  ...[
    [192, 0, 0],
    [192, 0, 2],
    [198, 51, 100],
    [203, 0, 113],
  ].map((head) => octet.map((last) => [...head, last])),
  fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet).map((all) => [...all]),
)

const hex = (bytes: readonly number[]): string =>
  `${((bytes[0]! << 8) | bytes[1]!).toString(16)}:${((bytes[2]! << 8) | bytes[3]!).toString(16)}`

/** The same address as browsers and libc also accept it. */
const spellings = ([a, b, c, d]: readonly number[]): string[] => [
  `${a}.${b}.${c}.${d}`,
  `${((a! * 256 + b!) * 256 + c!) * 256 + d!}`,
  `0x${a!.toString(16)}.0x${b!.toString(16)}.0x${c!.toString(16)}.0x${d!.toString(16)}`,
  `0${a!.toString(8)}.0${b!.toString(8)}.0${c!.toString(8)}.0${d!.toString(8)}`,
  `${a}.${b}.${c! * 256 + d!}`,
  `${a}.${(b! * 256 + c!) * 256 + d!}`,
]

describe('isPublicAddress', () => {
  it('refuses every special IPv4 range, in every spelling that a URL accepts', () => {
    fc.assert(
      fc.property(special, (bytes) => {
        const hostnames = spellings(bytes).map((spelling) => new URL(`http://${spelling}/`).hostname)
        expect(hostnames.filter(isPublicAddress)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('judges an IPv4 address inside an IPv6 one like the address itself', () => {
    fc.assert(
      fc.property(fc.oneof(v4, special), (bytes) => {
        const plain = isPublicAddress(bytes.join('.'))
        expect(isPublicAddress(`::ffff:${bytes.join('.')}`)).toBe(plain)
        expect(isPublicAddress(`::ffff:${hex(bytes)}`)).toBe(plain)
        expect(isPublicAddress(`64:ff9b::${hex(bytes)}`)).toBe(plain)
      }),
    )
  })

  it('refuses tunnels and compatible addresses whatever they carry', () => {
    fc.assert(
      fc.property(v4, (bytes) => {
        expect(isPublicAddress(`2002:${hex(bytes)}::1`)).toBe(false)
        expect(isPublicAddress(`2001:0:${hex(bytes)}::1`)).toBe(false)
        expect(isPublicAddress(`::${hex(bytes)}`)).toBe(false)
        expect(isPublicAddress(`64:ff9b:1::${hex(bytes)}`)).toBe(false)
      }),
    )
  })

  it.each([
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::1',
    '100::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    '4000::1',
    '0.0.0.0',
    '255.255.255.255',
    '',
    'localhost',
    '1.2.3',
    '010.0.0.1',
    '1.2.3.4.5',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['1.1.1.1', '8.8.8.8', '93.184.215.14', '2606:4700:4700::1111', '2a00:1450:4001:82f::200e'])(
    'accepts %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})
