import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { discoverBenchmarks, loadBenchmark } from './discover.ts'
import type { Benchmark } from './benchmark.ts'
import { describeRun } from './meta.ts'
import type { BenchmarkProgram } from './program.ts'
import { toRows, toTable } from './report.ts'
import { run, type Samples } from './run.ts'

const USAGE = `npm run bench -- <name> [--rounds 7] [--seconds 4] [--peers a,b] [--no-write]
npm run bench -- cache-policy [--trace file] [--sizes 100,1000]
npm run bench -- --list`

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

function positive(value: string, option: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} must be a whole number from 1`)
  return number
}

const progress = (message: string): void => console.error(message)

function save(benchmark: Benchmark, samples: Samples, run: { rounds: number; seconds: number }): string[] {
  const results = join(root, 'bench', 'results')
  mkdirSync(results, { recursive: true })
  const files = {
    [`${benchmark.name}.json`]: toRows(benchmark, samples),
    [`${benchmark.name}.meta.json`]: describeRun(root, samples, run),
  }
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(results, file), `${JSON.stringify(content, null, 2)}\n`)
  }
  return Object.keys(files).map((file) => `bench/results/${file}`)
}

/** A benchmark with options of its own reads everything after its name. */
function runProgram(program: BenchmarkProgram, args: readonly string[]): Promise<number> {
  return program.run(args, {
    root,
    progress,
    print: (result) => console.log(result),
    write: (benchmark, samples) =>
      progress(`Written: ${save(benchmark, samples, { rounds: 1, seconds: 0 }).join(', ')}`),
  })
}

async function main(): Promise<number> {
  const benchmarks = discoverBenchmarks(root)
  const [first = '', ...rest] = process.argv.slice(2)
  const own = benchmarks.get(first)
  const loaded = own === undefined ? undefined : await loadBenchmark(own)
  if (loaded !== undefined && 'program' in loaded) return runProgram(loaded.program, rest)
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '4' },
      peers: { type: 'string' },
      write: { type: 'boolean', default: true },
      list: { type: 'boolean', default: false },
    },
  })
  const names = [...benchmarks.keys()].join(', ')
  if (values.list) {
    console.log(names)
    return 0
  }
  const [name] = positionals
  const file = name === undefined ? undefined : benchmarks.get(name)
  if (name === undefined || file === undefined) {
    console.error(
      `${USAGE}\n\n${name === undefined ? '' : `There is no benchmark '${name}'. `}There are: ${names}`,
    )
    return 2
  }
  const module = await loadBenchmark(file)
  if ('program' in module) throw new Error(`${name} comes first: npm run bench -- ${module.program.usage}`)
  const { benchmark } = module
  const options = {
    rounds: positive(values.rounds, '--rounds'),
    seconds: positive(values.seconds, '--seconds'),
  }
  const samples = await run(benchmark, {
    ...options,
    peers: values.peers?.split(',').map((peer) => peer.trim()),
    progress,
  })
  const rows = toRows(benchmark, samples)
  console.log(`\n${benchmark.title}\n\n${toTable(benchmark, rows)}`)
  for (const { peer, reason } of samples.missing) console.log(`Missing: ${peer} (${reason})`)
  if (values.write) console.log(`Written: ${save(benchmark, samples, options).join(', ')}`)
  return 0
}

process.exitCode = await main()
