import { join } from 'node:path'
import { WORKER_V8_FLAGS } from '@millrace/gateway'
import { defineBenchmark, type Contender } from '../benchmark.ts'
import { load } from '../load/load.ts'
import { startNodeProgram } from '../node-program.ts'
import { pinnedTo } from '../pinning.ts'
import { withCpu } from '../process-cpu.ts'
import { startHaproxy } from '../peers/haproxy.ts'
import { startNginxProxy } from '../peers/nginx.ts'
import { startUpstream } from '../peers/upstream.ts'

/** The proxy has a CPU of its own; the upstream and the load generator share the other. */
const PROXY_CPU = 0
const OTHER_CPU = 1
const CONNECTIONS = 64

const program = (name: string, file: string, flags: readonly string[] = []): Contender<string> => ({
  name,
  start: (upstream) => startNodeProgram(file, upstream, PROXY_CPU, flags),
})

export const benchmark = defineBenchmark<{ path: string }, string>({
  name: 'gateway',
  title: `Gateway, one worker, ${CONNECTIONS} keep-alive connections, everything on 127.0.0.1`,
  metrics: [
    { name: 'requests_per_second', unit: '1/s', better: 'higher' },
    { name: 'latency_p99', unit: 'ms', better: 'lower' },
    { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
  ],
  cases: { '1 KB': { path: '/1k.txt' }, '50 KB': { path: '/50k.txt' } },
  contenders: [
    { ...program('millrace', './peers/millrace.ts', WORKER_V8_FLAGS), ours: true },
    program('http-proxy-3', './peers/http-proxy-3.ts'),
    program('fast-proxy', './peers/fast-proxy.ts'),
    program('@fastify/http-proxy', './peers/fastify-http-proxy.ts'),
    {
      name: 'nginx',
      start: (upstream, { dir }) => startNginxProxy(join(dir, 'nginx-proxy'), PROXY_CPU, upstream),
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
