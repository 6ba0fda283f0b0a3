import { existsSync, globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  defineBenchmark,
  defineProgram,
  type BenchmarkProgram,
  type Benchmark,
  type Measurement,
  toTable,
  toRows,
  type Samples,
} from '@millrace/bench'
import { hitRatios, POLICY_NAMES } from './policy/hit-ratios.ts'
import { readTrace } from './policy/trace.ts'

const USAGE = `cache-policy [--trace FILE]... [--sizes 100,1000,…] [--out FILE] [--no-write]

Hit ratio of every eviction policy on traces: one key per line (.gz too). The JSON is what goes to standard output.
  --trace  may be given several times; default: ../shared/data/cache-traces/*.trace, whose result is also written to
           bench/results/cache-policy.json
  --sizes  entries of the cache; default: 1, 5 and 20 % of the different keys of each trace
  --out    writes the JSON to a file, too (npm's own lines stand before it on standard output; \`npm run --silent\` has none)`

const OURS = 'adaptive'
/** Of the different keys of a trace. */
const SHARES = [0.01, 0.05, 0.2]

interface Result {
  trace: string
  requests: number
  uniqueKeys: number
  size: number
  /** Hits per request, 0 to 1. */
  hitRatio: Record<string, number>
}

export const program: BenchmarkProgram = defineProgram({
  name: 'cache-policy',
  usage: USAGE,
  async run(args, context) {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        trace: { type: 'string', multiple: true },
        sizes: { type: 'string' },
        out: { type: 'string' },
        write: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      context.progress(USAGE)
      return 0
    }
    const folder = join(context.root, '..', 'shared', 'data', 'cache-traces')
    const files = values.trace ?? globSync(join(folder, '*.trace')).sort()
    if (files.length === 0) {
      context.progress(`There are no traces in ${folder}: name one with --trace.\n\n${USAGE}`)
      return 2
    }
    const absent = files.filter((file) => !existsSync(file))
    const sizes = values.sizes?.split(',').map(Number)
    if (absent.length > 0 || sizes?.every(isSize) === false) {
      for (const file of absent) context.progress(`--trace: there is no file ${file}`)
      if (sizes?.every(isSize) === false) {
        context.progress(`--sizes: '${values.sizes}' are not whole numbers from 1, such as 100,1000,10000`)
      }
      return 2
    }
    const results: Result[] = []
    for (const file of files) results.push(...(await runTrace(file, sizes, context.progress)))
    const { benchmark, samples } = asBenchmark(results)
    context.progress(`\n${benchmark.title}\n\n${toTable(benchmark, toRows(benchmark, samples))}`)
    const report = JSON.stringify(
      { policies: POLICY_NAMES, ours: OURS, results, summary: summary(results) },
      null,
      2,
    )
    if (values.out !== undefined) writeFileSync(values.out, `${report}\n`)
    if (values.trace === undefined && values.write) context.write(benchmark, samples)
    context.print(report)
    return 0
  },
})

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 1

async function runTrace(
  file: string,
  sizes: readonly number[] | undefined,
  progress: (message: string) => void,
): Promise<Result[]> {
  const trace = await readTrace(file)
  const uniqueKeys = trace.names.length
  if (uniqueKeys === 0) throw new Error(`${file} has no keys; expected is one per line`)
  progress(`${trace.name}: ${trace.keys.length} requests for ${uniqueKeys} keys`)
  const chosen = sizes ?? [...new Set(SHARES.map((share) => Math.max(1, Math.round(uniqueKeys * share))))]
  return chosen.map((size) => {
    const startedAt = performance.now()
    const hitRatio = hitRatios(trace, size)
    progress(`  ${size} entries: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
    return { trace: trace.name, requests: trace.keys.length, uniqueKeys, size, hitRatio }
  })
}

/** By policy: the mean over all results, and against LRU the mean and the worst, in points of hit ratio. */
function summary(results: readonly Result[]): Record<string, Record<string, number>> {
  const points = (value: number): number => Number((value * 100).toFixed(2))
  return Object.fromEntries(
    POLICY_NAMES.map((policy) => {
      const leads = results.map(({ hitRatio }) => hitRatio[policy]! - hitRatio.lru!)
      const mean = (list: readonly number[]): number =>
        list.reduce((sum, value) => sum + value, 0) / list.length
      return [
        policy,
        {
          meanHitRatioPercent: points(mean(results.map(({ hitRatio }) => hitRatio[policy]!))),
          meanPointsOverLru: points(mean(leads)),
          worstPointsOverLru: points(Math.min(...leads)),
        },
      ]
    }),
  )
}

/** In the form of the other benchmarks: policies as contenders, traces with a size as cases, one round. */
function asBenchmark(results: readonly Result[]): {
  benchmark: Benchmark
  samples: Samples
} {
  const measurements: Samples['measurements'] = {}
  for (const { trace, size, hitRatio } of results) {
    const ofCase: Record<string, Measurement[]> = {}
    for (const name of POLICY_NAMES) ofCase[name] = [{ values: { hit_ratio: hitRatio[name]! * 100 } }]
    measurements[`${trace}, ${size} entries`] = ofCase
  }
  const benchmark = defineBenchmark({
    name: 'cache-policy',
    title: 'Hit ratio by eviction policy (millrace: the default, adaptive)',
    metrics: [{ name: 'hit_ratio', unit: '%', better: 'higher' }],
    cases: {},
    contenders: POLICY_NAMES.map((name) => ({
      name,
      ours: name === OURS,
      start: () => Promise.reject(new Error('not run')),
    })),
    prepare: () => Promise.reject(new Error('not run')),
    measure: () => Promise.reject(new Error('not run')),
  })
  return { benchmark, samples: { measurements, missing: [] } }
}
