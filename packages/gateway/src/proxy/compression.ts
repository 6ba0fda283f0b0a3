import { constants, createBrotliCompress, createGzip, type BrotliCompress, type Gzip } from 'node:zlib'
import compressible from 'compressible'
import type { EngineConfig } from '../config.ts'
import type { VisitorResponse } from './visitor.ts'

export type ContentCoding = 'br' | 'gzip'
export type Compressor = BrotliCompress | Gzip

const MAX_CACHED = 500

function cached<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>()
  return (key) => {
    const hit = known.get(key)
    if (hit !== undefined) return hit
    const value = compute(key)
    if (known.size >= MAX_CACHED) known.clear()
    known.set(key, value)
    return value
  }
}

/**
 * The coding to use for an `Accept-Encoding` value (RFC 9110, 12.5.3): the accepted one with the highest weight, Brotli
 * on a tie; none when neither is accepted or `identity` is preferred.
 */
export const negotiateCoding = cached((accept: string): ContentCoding | 'none' => {
  let br: number | undefined
  let gzip: number | undefined
  let identity: number | undefined
  let any: number | undefined
  for (const part of accept.split(',')) {
    const [token = '', ...parameters] = part.split(';')
    let weight = 1
    for (const parameter of parameters) {
      const [key, value] = parameter.split('=')
      if (key?.trim().toLowerCase() === 'q') weight = Number(value)
    }
    if (!(weight >= 0 && weight <= 1)) continue
    const coding = token.trim().toLowerCase()
    if (coding === 'br') br = weight
    else if (coding === 'gzip' || coding === 'x-gzip') gzip = weight
    else if (coding === 'identity') identity = weight
    else if (coding === '*') any = weight
  }
  const brotli = br ?? any ?? 0
  const zip = gzip ?? any ?? 0
  const best = Math.max(brotli, zip)
  if (best <= 0 || (identity !== undefined && identity > best)) return 'none'
  return brotli >= zip ? 'br' : 'gzip'
})

/** Whether a content type gains from compression. Never an event stream, whose events must not be held back. */
export const isCompressible = cached((contentType: string): boolean => {
  return !/^\s*text\/event-stream/i.test(contentType) && compressible(contentType) === true
})

export function createCompressor(coding: ContentCoding, settings: EngineConfig['compression']): Compressor {
  if (coding === 'gzip') return createGzip({ level: settings.gzipLevel })
  return createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: settings.brotliLevel,
      // 256 KiB instead of 4 MiB of window: the memory of a thousand concurrent responses stays bounded.
      [constants.BROTLI_PARAM_LGWIN]: 18,
    },
  })
}

/** Sends what the compressor makes, at the visitor's pace. */
export function feed(compressor: Compressor, res: VisitorResponse): void {
  const resume = (): void => void compressor.resume()
  compressor.on('data', (chunk: Buffer) => {
    if (res.write(chunk)) return
    compressor.pause()
    res.once('drain', resume)
  })
  compressor.on('end', () => res.end())
}
