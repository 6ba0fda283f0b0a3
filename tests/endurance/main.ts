import { parseArgs } from 'node:util'
import { endure } from './endure.ts'

/** `npm run endurance -- --engine haproxy --seconds 600 --reloads 100`: ends with 1 when a request failed. */
const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'node' },
    seconds: { type: 'string', default: '600' },
    reloads: { type: 'string', default: '100' },
    visitors: { type: 'string', default: '16' },
  },
})
if (values.engine !== 'node' && values.engine !== 'haproxy') {
  process.stderr.write(`--engine is 'node' or 'haproxy', not '${values.engine}'\n`)
  process.exit(64)
}
const report = await endure({
  engine: values.engine,
  seconds: Number(values.seconds),
  reloads: Number(values.reloads),
  visitors: Number(values.visitors),
  progress: (message) => process.stderr.write(`${message}\n`),
})
process.stdout.write(`${JSON.stringify({ ...report, failures: report.failures.slice(0, 50) }, null, 2)}\n`)
process.exitCode = report.failures.length === 0 ? 0 : 1
