import { join } from 'node:path'
import { defineBenchmark } from '../benchmark.ts'
import { load } from '../load/load.ts'
import { startNodeProgram } from '../node-program.ts'
import { startNginxCache } from '../peers/nginx.ts'
import { startUpstream } from '../peers/upstream.ts'
import { pinnedTo } from '../pinning.ts'
import { withCpu } from '../process-cpu.ts'

/** The server has a CPU of its own; the load generator, and the upstream of NGINX, have the other. */
const SERVER_CPU = 0
const OTHER_CPU = 1
const CONNECTIONS = 64

const onNode = (kind: string) => () => startNodeProgram('./peers/cached-response.ts', kind, SERVER_CPU)

export const benchmark = defineBenchmark<{ path: string }, string>({
  name: 'cache-http',
  title: `Cached responses on bare node:http, one process, ${CONNECTIONS} keep-alive connections, everything on 127.0.0.1`,
  metrics: [
    { name: 'requests_per_second', unit: '1/s', better: 'higher' },
    { name: 'latency_p99', unit: 'ms', better: 'lower' },
    { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
  ],
  cases: { '1 KB': { path: '/1k.txt' }, '50 KB': { path: '/50k.txt' } },
  contenders: [
    { name: 'millrace', ours: true, start: onNode('millrace') },
    { name: 'bare Map', start: onNode('map') },
    { name: 'bentocache', start: onNode('bentocache') },
    { name: 'bentocache, references', start: onNode('bentocache-references') },
    {
      name: 'nginx',
      start: (upstream, { dir }) => startNginxCache(join(dir, 'nginx-cache'), SERVER_CPU, upstream),
    },
  ],
  async prepare({ dir }) {
    const upstream = await startUpstream(join(dir, 'upstream'), OTHER_CPU, { cacheControl: 'max-age=3600' })
    return { environment: upstream.url!, stop: () => upstream.stop() }
  },
  async measure(running, { path }, _upstream, { seconds, dir }) {
    const url = `${running.url}${path}`
    // Stored once its body is complete: only then is every request of the load a hit.
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
