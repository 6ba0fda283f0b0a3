import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { fieldBytes, http2Fields, plainFields, splitTrailersOnly } from '../../src/backends/http2-headers.ts'

const sorted = (pairs: readonly (readonly string[])[]): string[] =>
  pairs.map((pair) => JSON.stringify(pair)).toSorted((one, other) => (one < other ? -1 : 1))

const options = (headers: string[], upgrade: string | null = null) =>
  ({ method: 'POST', path: '/a?b', headers, upgrade }) as Parameters<typeof http2Fields>[0]

it('pseudo-headers come from the request and its Host; what belongs to a connection of HTTP/1.1 goes', () => {
  const headers = [
    'Host',
    'shop.example',
    'X-One',
    '1',
    'x-one',
    '2',
    'Connection',
    'x',
    'Transfer-Encoding',
    'chunked',
  ]
  const { raw, grpc, upgrade } = http2Fields(options(headers), 'http')
  expect([...raw]).toEqual([
    ':method',
    'POST',
    ':scheme',
    'http',
    ':path',
    '/a?b',
    ':authority',
    'shop.example',
    'x-one',
    '1',
    'x-one',
    '2',
  ])
  expect([grpc, upgrade]).toEqual([false, false])
})

it('a WebSocket becomes an extended CONNECT, without its key', () => {
  const { raw, upgrade, key } = http2Fields(
    options(['Sec-WebSocket-Key', 'k', 'Sec-WebSocket-Version', '13'], 'websocket'),
    'https',
  )
  expect(raw.slice(0, 6)).toEqual([':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'https'])
  expect(raw).not.toContain('sec-websocket-key')
  expect([upgrade, key]).toEqual([true, 'k'])
})

it.each([
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['application/grpc;x=1', true],
  ['application/grpc-web', false],
  ['application/json', false],
])('%s is a call of gRPC: %s', (type, expected) => {
  expect(http2Fields(options(['content-type', type]), 'http').grpc).toBe(expected)
})

it('an answer of gRPC that is only a head loses nothing, and has its status in the trailers', () => {
  const field = fc.tuple(
    fc.constantFrom('grpc-status', 'grpc-message', 'x-own-bin', 'content-type', 'date', 'set-cookie'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const { head, trailers } = splitTrailersOnly(fields.flat())
      const pairs = (raw: string[]): string[][] =>
        Array.from({ length: raw.length / 2 }, (_, at) => raw.slice(at * 2, at * 2 + 2))
      expect(sorted([...pairs(head), ...pairs(trailers)])).toEqual(sorted(fields))
      expect(pairs(head).every(([own]) => own !== 'grpc-status')).toBe(true)
      for (const name of ['content-type', 'date', 'set-cookie']) {
        expect(pairs(trailers).every(([own]) => own !== name)).toBe(true)
      }
    }),
  )
  expect(splitTrailersOnly(['content-length', '0', 'grpc-status', '0'])).toEqual({
    head: [],
    trailers: ['grpc-status', '0'],
  })
})

it('fields are counted and freed of their pseudo-headers', () => {
  expect(fieldBytes([':status', '200', 'a', 'bc'])).toBe(13)
  expect(plainFields([':status', '200', 'a', 'bc'])).toEqual(['a', 'bc'])
  expect(plainFields(['a', 'bc'])).toEqual(['a', 'bc'])
})
