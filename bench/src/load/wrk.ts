import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LoadOptions, LoadResult } from './load.ts'

const run = promisify(execFile)

// wrk's own report rounds; its Lua hook gives the numbers (latencies in microseconds).
const REPORT = `done = function(summary, latency, requests)
  io.write(string.format('\\nRESULT {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"status":%d,"socket":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
`

/** wrk (github.com/wg/wrk), one thread, keep-alive. */
export async function wrk(url: string, options: LoadOptions): Promise<LoadResult> {
  const script = join(options.dir, 'report.lua')
  writeFileSync(script, REPORT)
  const args = [
    '-t1',
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    '--timeout',
    '10s',
    '-s',
    script,
    url,
  ]
  const [command, ...rest] = [...options.prefix, 'wrk', ...args]
  const { stdout } = await run(command!, rest, { timeout: (options.seconds + 30) * 1_000 })
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '))
  if (line === undefined) throw new Error(`wrk reported nothing:\n${stdout}`)
  const report = JSON.parse(line.slice('RESULT '.length)) as Record<string, number>
  return {
    requests: report.requests!,
    requestsPerSecond: report.requests! / (report.durationUs! / 1e6),
    p50Ms: report.p50Us! / 1e3,
    p99Ms: report.p99Us! / 1e3,
    errors: report.status! + report.socket!,
  }
}
