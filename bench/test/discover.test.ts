import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { discoverBenchmarks, loadBenchmark } from '../src/discover.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

it('finds benchmarks by file name, each with exactly one contender of ours and complete cases', async () => {
  const found = discoverBenchmarks(root)
  expect([...found.keys()]).toContain('gateway')
  for (const [name, file] of found) {
    const loaded = await loadBenchmark(file)
    const described = 'program' in loaded ? loaded.program : loaded.benchmark
    expect(described.name).toBe(name)
    const contenders = 'benchmark' in loaded ? loaded.benchmark.contenders : [{ ours: true }]
    expect({ name, ours: contenders.filter(({ ours }) => ours === true).length }).toEqual({ name, ours: 1 })
  }
})
