import * as fc from 'fast-check'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { forwardRequestHeaders } from '../../src/proxy/request-headers.ts'
import { forwardResponseHeaders } from '../../src/proxy/response-headers.ts'
import { engineConfig } from '../../src/config.ts'

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'upgrade',
  'transfer-encoding',
  'http2-settings',
]
const token = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,12}$/)
const value = fc.stringMatching(/^[!-~]{1,20}$/)
const spelling = (name: string): fc.Arbitrary<string> =>
  fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }).map((upper) =>
    name
      .split('')
      .map((letter, i) => (upper[i] === true ? letter.toUpperCase() : letter))
      .join(''),
  )
const hopByHop = fc.constantFrom(...HOP_BY_HOP).chain(spelling)
/** Names that the gateway itself does nothing with. */
const ordinary = token.map((name) => `z-${name}`)

const policy = { trusted: () => false, via: undefined, traceSampleRatio: undefined }
const asRequest = (rawHeaders: string[]): IncomingMessage =>
  ({ rawHeaders, socket: { remoteAddress: '127.0.0.1' } }) as unknown as IncomingMessage
const names = (raw: string[]): string[] => raw.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
const pairs = (raw: string[]): string[] =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]!}`] : []))

const message = fc
  .record({
    kept: fc.array(fc.tuple(ordinary, value), { maxLength: 8 }),
    hops: fc.array(fc.tuple(hopByHop, value), { maxLength: 5 }),
    listed: fc.array(ordinary, { maxLength: 4 }),
    separator: fc.constantFrom(',', ', ', ' , ', ',,'),
  })
  .map(({ kept, hops, listed, separator }) => ({
    kept,
    listed,
    input: [
      ...kept.flat(),
      ...hops
        .filter(([name]) => !/^connection$/i.test(name))
        // Any other coding is an error of the backend.
        .flatMap(([name, text]) => [name, /^transfer-encoding$/i.test(name) ? 'chunked' : text]),
      'Connection',
      ['keep-alive', ...listed].join(separator),
    ],
  }))

describe('hop-by-hop filter', () => {
  it('of requests: drops what it must, whatever the spelling, and keeps the rest in order', () => {
    fc.assert(
      fc.property(message, ({ kept, listed, input }) => {
        const { raw } = forwardRequestHeaders(asRequest(input), policy)
        const dropped = new Set(listed.map((name) => name.toLowerCase()))
        for (const name of names(raw)) {
          expect(HOP_BY_HOP).not.toContain(name)
          expect(dropped.has(name)).toBe(false)
        }
        const survivors = kept.filter(([name]) => !dropped.has(name.toLowerCase()))
        expect(pairs(raw).slice(0, survivors.length)).toEqual(
          survivors.map(([name, text]) => `${name}: ${text}`),
        )
      }),
    )
  })

  it('of responses: likewise', () => {
    fc.assert(
      fc.property(message, ({ kept, listed, input }) => {
        const { raw } = forwardResponseHeaders(
          input.map((text) => Buffer.from(text, 'latin1')),
          {
            method: 'GET',
            status: 200,
            acceptEncoding: undefined,
            trailers: true,
            compression: engineConfig.parse({}).compression,
            via: undefined,
          },
        )
        const dropped = new Set(listed.map((name) => name.toLowerCase()))
        const survivors = kept.filter(([name]) => !dropped.has(name.toLowerCase()))
        expect(pairs(raw)).toEqual(survivors.map(([name, text]) => `${name}: ${text}`))
      }),
    )
  })
})
