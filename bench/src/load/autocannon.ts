import autocannon from 'autocannon'
import type { LoadOptions, LoadResult } from './load.ts'

/** autocannon, in this process: slower than wrk and not pinned, for machines that have no wrk. */
export async function cannon(url: string, options: LoadOptions): Promise<LoadResult> {
  const result = await autocannon({ url, connections: options.connections, duration: options.seconds })
  return {
    requests: result.requests.total,
    requestsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    errors: result.errors + result.timeouts + result.non2xx,
  }
}
