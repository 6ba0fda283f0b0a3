import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Benchmark } from './benchmark.ts'
import type { BenchmarkProgram } from './program.ts'

/** By name: `packages/<any>/bench/<name>.bench.ts` and `bench/src/scenarios/<name>.ts`. */
export function discoverBenchmarks(root: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const pattern of ['packages/*/bench/*.bench.ts', 'bench/src/scenarios/*.ts']) {
    for (const file of globSync(pattern, { cwd: root }).sort()) {
      const name = basename(file).replace(/(\.bench)?\.ts$/, '')
      const other = found.get(name)
      if (other !== undefined) throw new Error(`Two benchmarks are called ${name}: ${other} and ${file}`)
      found.set(name, join(root, file))
    }
  }
  return found
}

/** A file exports one of the two. */
export async function loadBenchmark(
  file: string,
): Promise<{ benchmark: Benchmark } | { program: BenchmarkProgram }> {
  const module = (await import(pathToFileURL(file).href)) as Partial<{
    benchmark: Benchmark
    program: BenchmarkProgram
  }>
  if (module.benchmark !== undefined) return { benchmark: module.benchmark }
  if (module.program !== undefined) return { program: module.program }
  throw new Error(`${file} exports neither \`benchmark\` nor \`program\``)
}
