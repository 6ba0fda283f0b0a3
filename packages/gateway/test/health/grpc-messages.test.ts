import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHealthResponse, encodeHealthRequest } from '../../src/health/grpc-messages.ts'

const framed = (...message: number[]): Buffer => Buffer.from([0, 0, 0, 0, message.length, ...message])

describe('messages of grpc.health.v1', () => {
  it('encodes the service as field 1, and nothing for the whole server', () => {
    expect(encodeHealthRequest('')).toEqual(framed())
    expect(encodeHealthRequest('ab')).toEqual(framed(0x0a, 2, 0x61, 0x62))
    const long = encodeHealthRequest('x'.repeat(200))
    expect(long.readUInt32BE(1)).toBe(203)
    expect([...long.subarray(5, 8)]).toEqual([0x0a, 0xc8, 0x01])
  })

  it('reads the status, skips fields it does not know, and takes a missing one as UNKNOWN', () => {
    expect(decodeHealthResponse(framed(0x08, 1))).toBe(1)
    expect(decodeHealthResponse(framed())).toBe(0)
    expect(decodeHealthResponse(framed(0x12, 1, 0x61, 0x08, 2, 0x1d, 1, 2, 3, 4))).toBe(2)
  })

  it.each([
    ['no frame', Buffer.from([0, 0])],
    ['a compressed message', Buffer.from([1, 0, 0, 0, 0])],
    ['half a message', Buffer.from([0, 0, 0, 0, 9, 8])],
    ['two messages', Buffer.concat([framed(), framed()])],
    ['a varint that does not end', framed(0x08, 0x80)],
    ['a string beyond the end', framed(0x12, 9, 1)],
    ['a group', framed(0x0b)],
  ])('refuses %s', (_name, frame) => {
    expect(() => decodeHealthResponse(frame)).toThrow(/the answer/)
  })

  it('whatever the bytes, it answers with a number or an error of its own', () => {
    const answers = () =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
          try {
            return typeof decodeHealthResponse(framed(...bytes)) === 'number'
          } catch (error) {
            return /the answer/.test(String(error))
          }
        }),
      )
    expect(answers).not.toThrow()
  })
})
