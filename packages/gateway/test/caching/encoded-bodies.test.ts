import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EncodedBodies } from '../../src/caching/encoded-bodies.ts'
import { engineConfig } from '../../src/config.ts'

const { compression } = engineConfig.parse({})
const bodies = (maxBytes: number) => new EncodedBodies(maxBytes, compression)

describe('EncodedBodies', () => {
  it('compresses once per body and coding, also for those who come meanwhile', async () => {
    const encoded = bodies(1_000_000)
    const body = Buffer.from('text '.repeat(1_000))
    const first = encoded.get(body, 'br')
    expect(encoded.get(body, 'br')).toBe(first)
    const br = (await first)!
    expect(encoded.get(body, 'br')).toBe(br)
    expect(brotliDecompressSync(br).equals(body)).toBe(true)
    const gzip = (await encoded.get(body, 'gzip'))!
    expect(gunzipSync(gzip).equals(body)).toBe(true)
    expect(encoded.bytes).toBe(body.length + br.length + gzip.length)
  })

  it('knows a body by its identity: another with the same bytes is another', async () => {
    const encoded = bodies(1_000_000)
    const first = await encoded.get(Buffer.from('same'), 'gzip')
    expect(encoded.get(Buffer.from('same'), 'gzip')).not.toBe(first)
  })

  it('leaves a body alone that would take the room of the others', () => {
    expect(bodies(8_000).get(Buffer.alloc(1_001), 'br')).toBeUndefined()
    expect(bodies(0).get(Buffer.from('x'), 'br')).toBeUndefined()
  })

  it('forgets what was not asked for longest', async () => {
    const encoded = bodies(10_000)
    const [one, two, ...others] = Array.from({ length: 12 }, (_, i) => Buffer.alloc(1_000, i))
    const kept = await encoded.get(one!, 'br')
    const forgotten = await encoded.get(two!, 'br')
    for (const other of others) {
      await encoded.get(other, 'br')
      expect(encoded.get(one!, 'br')).toBe(kept)
    }
    expect(encoded.get(two!, 'br')).not.toBe(forgotten)
  })

  it('never holds more than it may, whatever is asked for in whatever order', async () => {
    const pool = Array.from({ length: 20 }, (_, i) => Buffer.alloc(50 * i, `body ${i} `))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(19), fc.constantFrom('br' as const, 'gzip' as const)), { maxLength: 60 }),
        async (asked) => {
          const encoded = bodies(4_000)
          await Promise.all(asked.map(async ([index, coding]) => encoded.get(pool[index]!, coding)))
          expect(encoded.bytes).toBeLessThanOrEqual(4_000)
          expect(encoded.bytes).toBeGreaterThanOrEqual(0)
        },
      ),
      { numRuns: 50 },
    )
  })
})
