import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { discoverBenchmarks, loadBenchmark } from '../src/discover.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

it('finds benchmarks by file name, each with exactly one contender of ours and complete cases', async () => {
  const found = discoverBenchmarks(root)
  expect([...found.keys()]).toContain('gateway')
  for (const [name, file] of found) {
    const loaded = await loadBenchmark(file)
    if ('program' in loaded) {
      expect(loaded.program.name).toBe(name)
      continue
    }
    const { benchmark } = loaded
    expect({
      name: benchmark.name,
      ours: benchmark.contenders.filter(({ ours }) => ours === true).length,
    }).toEqual({
      name,
      ours: 1,
    })
  }
})
