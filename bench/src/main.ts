import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { discoverBenchmarks, loadBenchmark } from './discover.ts'
import { describeRun } from './meta.ts'
import { toRows, toTable } from './report.ts'
import { run } from './run.ts'

const USAGE = `npm run bench -- <name> [--rounds 7] [--seconds 4] [--peers a,b] [--no-write]
npm run bench -- --list`

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

function positive(value: string, option: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} must be a whole number from 1`)
  return number
}

async function main(): Promise<number> {
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
  const benchmarks = discoverBenchmarks(root)
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
  const benchmark = await loadBenchmark(file)
  const options = {
    rounds: positive(values.rounds, '--rounds'),
    seconds: positive(values.seconds, '--seconds'),
  }
  const samples = await run(benchmark, {
    ...options,
    peers: values.peers?.split(',').map((peer) => peer.trim()),
    progress: (message) => console.error(message),
  })
  const rows = toRows(benchmark, samples)
  console.log(`\n${benchmark.title}\n\n${toTable(benchmark, rows)}`)
  for (const { peer, reason } of samples.missing) console.log(`Missing: ${peer} (${reason})`)
  if (values.write) {
    const results = join(root, 'bench', 'results')
    mkdirSync(results, { recursive: true })
    const save = (suffix: string, content: unknown): void =>
      writeFileSync(join(results, `${name}${suffix}`), `${JSON.stringify(content, null, 2)}\n`)
    save('.json', rows)
    save('.meta.json', describeRun(root, samples, options))
    console.log(`Written: bench/results/${name}.json, bench/results/${name}.meta.json`)
  }
  return 0
}

process.exitCode = await main()
