import { join } from 'node:path'
import { defineBenchmark } from '../benchmark.ts'
import { load } from '../load/load.ts'
import { startNodeProgram } from '../node-program.ts'
import { startHaproxy } from '../peers/haproxy.ts'
import { startUpstream } from '../peers/upstream.ts'
import { pinnedTo } from '../pinning.ts'
import { withCpu } from '../process-cpu.ts'

/** The proxy has a CPU of its own; the upstream and the load generator share the other. */
const PROXY_CPU = 0
const OTHER_CPU = 1
const CONNECTIONS = 64

/** The engine haproxy, Node beside it included, and HAProxy with a configuration of twenty lines written by hand. */
export const benchmark = defineBenchmark<{ path: string }, string>({
  name: 'gateway-haproxy',
  title: `Gateway with the engine haproxy, one thread, ${CONNECTIONS} keep-alive connections, everything on 127.0.0.1`,
  metrics: [
    { name: 'requests_per_second', unit: '1/s', better: 'higher' },
    { name: 'latency_p99', unit: 'ms', better: 'lower' },
    { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
  ],
  cases: { '1 KB': { path: '/1k.txt' }, '50 KB': { path: '/50k.txt' } },
  contenders: [
    {
      name: 'millrace-haproxy',
      ours: true,
      start: (upstream) => startNodeProgram('./peers/millrace-haproxy.ts', upstream, PROXY_CPU),
    },
    {
      name: 'haproxy',
      start: (upstream, { dir }) => startHaproxy(join(dir, 'haproxy'), PROXY_CPU, upstream),
    },
  ],
  async prepare({ dir }) {
    const upstream = await startUpstream(join(dir, 'upstream'), OTHER_CPU)
    return { environment: upstream.url!, stop: () => upstream.stop() }
  },
  async measure(running, { path }, _upstream, { seconds, dir }) {
    const { result, cpu } = await withCpu(running.pid!, () =>
      load(`${running.url}${path}`, { connections: CONNECTIONS, seconds, prefix: pinnedTo(OTHER_CPU), dir }),
    )
    if (result.errors > 0) throw new Error(`${running.url}${path}: ${result.errors} failed requests`)
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
