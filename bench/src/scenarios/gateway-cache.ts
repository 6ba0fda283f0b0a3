import { join } from 'node:path'
import { WORKER_V8_FLAGS } from '@millrace/gateway'
import { defineBenchmark } from '../benchmark.ts'
import { load } from '../load/load.ts'
import { startNodeProgram } from '../node-program.ts'
import { startNginxCache } from '../peers/nginx.ts'
import { startUpstream } from '../peers/upstream.ts'
import { startVarnish } from '../peers/varnish.ts'
import { pinnedTo } from '../pinning.ts'
import { withCpu } from '../process-cpu.ts'

/** The cache has a CPU of its own; the upstream and the load generator share the other. */
const CACHE_CPU = 0
const OTHER_CPU = 1
const CONNECTIONS = 64

export const benchmark = defineBenchmark<{ path: string }, string>({
  name: 'gateway-cache',
  title: `Hits in the HTTP cache, one worker, ${CONNECTIONS} keep-alive connections, everything on 127.0.0.1`,
  metrics: [
    { name: 'requests_per_second', unit: '1/s', better: 'higher' },
    { name: 'latency_p99', unit: 'ms', better: 'lower' },
    { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
  ],
  cases: { '1 KB': { path: '/1k.txt' }, '50 KB': { path: '/50k.txt' } },
  contenders: [
    {
      name: 'millrace',
      ours: true,
      start: (upstream) =>
        startNodeProgram('./peers/millrace-cache.ts', upstream, CACHE_CPU, WORKER_V8_FLAGS),
    },
    {
      name: 'nginx',
      start: (upstream, { dir }) => startNginxCache(join(dir, 'nginx-cache'), CACHE_CPU, upstream),
    },
    {
      name: 'varnish',
      start: (upstream, { dir }) => startVarnish(join(dir, 'varnish'), CACHE_CPU, upstream),
    },
  ],
  async prepare({ dir }) {
    const upstream = await startUpstream(join(dir, 'upstream'), OTHER_CPU, { cacheControl: 'max-age=3600' })
    return { environment: upstream.url!, stop: () => upstream.stop() }
  },
  async measure(running, { path }, _upstream, { seconds, dir }) {
    const url = `${running.url}${path}`
    // The response is stored when its body is complete: only then is every request of the load a hit.
    await (await fetch(url)).arrayBuffer()
    const { result, cpu } = await withCpu(running.pid!, () =>
      load(url, { connections: CONNECTIONS, seconds, prefix: pinnedTo(OTHER_CPU), dir }),
    )
    if (result.errors > 0) throw new Error(`${url}: ${result.errors} failed requests`)
    return {
      values: {
        requests_per_second: result.requestsPerSecond,
        latency_p99: result.p99Ms,
        cpu_per_request: (cpu.process / result.requests) * 1e6,
      },
      foreignCpu: cpu.foreign,
    }
  },
})
