import { parseOptions, USAGE, UsageError, type TrafficOptions } from './options.ts'
import { formatLine, formatSummary } from './report.ts'
import { runTraffic, type Progress } from './run.ts'

/** Where nobody watches the line change, one now and then is enough. */
const QUIET_EVERY_S = 10

function showProgress(): (progress: Progress) => void {
  let ticks = 0
  return ({ summary, present, requestsPerSecond }) => {
    const line = formatLine(summary, present, requestsPerSecond)
    ticks++
    if (process.stdout.isTTY) process.stdout.write(`\r\u001B[2K${line}`)
    else if (ticks % QUIET_EVERY_S === 0) process.stdout.write(`${line}\n`)
  }
}

async function main(options: TrafficOptions): Promise<void> {
  const stopped = new AbortController()
  process.once('SIGINT', () => stopped.abort())
  process.once('SIGTERM', () => stopped.abort())
  const summary = await runTraffic(options, stopped.signal, options.json ? () => undefined : showProgress())
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
  else process.stdout.write(`${process.stdout.isTTY ? '\n\n' : ''}${formatSummary(summary)}\n`)
  if (summary.requests > 0 && summary.errors === summary.requests) {
    process.stderr.write(`Nothing answered at ${options.target.origin}. Is the store running (npm start)?\n`)
    process.exitCode = 1
  }
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) process.stdout.write(USAGE)
  else await main(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
