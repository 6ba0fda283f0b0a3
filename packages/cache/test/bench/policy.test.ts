import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { belady } from '../../bench/policy/belady.ts'
import { hitRatios, POLICY_NAMES } from '../../bench/policy/hit-ratios.ts'
import { readTrace } from '../../bench/policy/trace.ts'

/** As the definition says: among what is held, the one whose next use is furthest leaves. */
function naiveBelady(keys: readonly number[], capacity: number): number {
  const held = new Set<number>()
  let hits = 0
  keys.forEach((key, at) => {
    if (held.has(key)) {
      hits++
      return
    }
    if (held.size >= capacity) {
      const nextUse = (candidate: number): number => {
        const next = keys.indexOf(candidate, at)
        return next === -1 ? Infinity : next
      }
      const [victim] = [...held].toSorted((a, b) => nextUse(b) - nextUse(a))
      held.delete(victim!)
    }
    held.add(key)
  })
  return keys.length === 0 ? 0 : hits / keys.length
}

const traceOf = (keys: readonly number[]) => ({
  name: 't',
  keys: Uint32Array.from(keys),
  names: Array.from({ length: Math.max(0, ...keys) + 1 }, (_, key) => `k${key}`),
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-trace-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

describe('the policy benchmark', () => {
  const requests = fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 300 })

  it('finds the optimum that the definition gives', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 12 }), (keys, capacity) => {
        expect(belady(Uint32Array.from(keys), 26, capacity)).toBeCloseTo(naiveBelady(keys, capacity), 12)
      }),
      { numRuns: 300 },
    )
  })

  it('has no policy that beats the optimum, and all of them hit when everything fits', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 30 }), (keys, size) => {
        const ratios = hitRatios(traceOf(keys), size)
        expect(Object.keys(ratios)).toEqual(POLICY_NAMES)
        for (const ratio of Object.values(ratios)) expect(ratio).toBeLessThanOrEqual(ratios.belady! + 1e-12)
        const different = new Set(Object.values(ratios)).size
        expect(size >= 26 ? different : 1).toBe(1)
      }),
      { numRuns: 40 },
    )
  })

  it('counts LFU and FIFO as by hand', () => {
    // a a b c: with room for two, LFU keeps a and gives up b; FIFO gives up a.
    const ratios = hitRatios(traceOf([0, 0, 1, 2, 0, 1]), 2)
    expect(ratios.lfu).toBeCloseTo(2 / 6)
    expect(ratios.fifo).toBeCloseTo(1 / 6)
  })

  it('reads one key per line, with or without carriage returns, gzip or not, however it is cut into chunks', async () => {
    const dir = folder()
    const keys = Array.from({ length: 50_000 }, (_, i) => `schlüssel-${i % 1_000}`)
    writeFileSync(join(dir, 'a.trace'), `${keys.join('\r\n')}\r\n\r\n`)
    writeFileSync(join(dir, 'b.txt.gz'), gzipSync(keys.join('\n')))
    for (const [file, name] of [['a.trace', 'a'] as const, ['b.txt.gz', 'b'] as const]) {
      const trace = await readTrace(join(dir, file))
      expect(trace.name).toBe(name)
      expect([...trace.keys].map((key) => trace.names[key])).toEqual(keys)
    }
  })

  it('says that there is no such file', async () => {
    await expect(readTrace(join(folder(), 'none.trace'))).rejects.toThrow('ENOENT')
    await expect(readTrace(join(folder(), 'none.gz'))).rejects.toThrow('ENOENT')
  })
})
