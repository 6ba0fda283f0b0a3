import { parseArgs } from 'node:util'
import { fuzzHttp1 } from './http1.ts'

const USAGE = `npm run fuzz -- http1 [--cases 1000000] [--seed 1]`

/** Runs until the cases are through or something is wrong; the exit code says which. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
  },
})
const [subject] = positionals
const cases = Number(values.cases)
const seed = Number(values.seed)
if (subject !== 'http1' || !Number.isInteger(cases) || !Number.isInteger(seed)) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else {
  const startedAt = performance.now()
  let told = startedAt
  const report = await fuzzHttp1({
    cases,
    seed,
    progress: (so) => {
      if (performance.now() - told < 10_000) return
      told = performance.now()
      process.stderr.write(`${so.cases} cases, ${so.wrong.length} wrong\n`)
    },
  })
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  process.stdout.write(`${JSON.stringify({ seed, seconds, ...report }, null, 2)}\n`)
  process.exitCode = report.wrong.length === 0 ? 0 : 1
}
