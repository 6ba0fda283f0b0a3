import { join } from 'node:path'
import { defineBenchmark, type Benchmark, type Contender } from '../benchmark.ts'
import { startUpstream } from '../peers/upstream.ts'
import { pinnedTo } from '../pinning.ts'
import { withCpu } from '../process-cpu.ts'
import { load } from './load.ts'

/** What is measured has a CPU of its own; the upstream and the load generator share the other. */
export const SERVER_CPU = 0
export const OTHER_CPU = 1
export const CONNECTIONS = 64

export const SIZES = { '1 KB': { path: '/1k.txt' }, '50 KB': { path: '/50k.txt' } } as const

/** An NGINX on the other CPU that serves a file of each size; the environment is its address. */
export const fileUpstream =
  (files: Parameters<typeof startUpstream>[2] = {}): Benchmark<unknown, string>['prepare'] =>
  async ({ dir }) => {
    const upstream = await startUpstream(join(dir, 'upstream'), OTHER_CPU, files)
    return { environment: upstream.url!, stop: () => upstream.stop() }
  }

export interface SaturatedOptions {
  name: string
  /** What is compared; how is added. */
  title: string
  contenders: readonly Contender<string>[]
  /** Of the upstream's answers. A cache is then given each of them before it is measured, so that every request is a hit. */
  cacheControl?: string
}

/** As many requests as a server on one CPU answers over keep-alive connections, of two sizes, and what each costs it. */
export const saturated = ({ name, title, contenders, cacheControl }: SaturatedOptions) =>
  defineBenchmark<{ path: string }, string>({
    name,
    title: `${title}, ${CONNECTIONS} keep-alive connections, everything on 127.0.0.1`,
    metrics: [
      { name: 'requests_per_second', unit: '1/s', better: 'higher' },
      { name: 'latency_p99', unit: 'ms', better: 'lower' },
      { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
    ],
    cases: SIZES,
    contenders,
    prepare: fileUpstream(cacheControl === undefined ? {} : { cacheControl }),
    async measure(running, { path }, _upstream, { seconds, dir }) {
      const url = `${running.url}${path}`
      // Stored once its body is complete.
      if (cacheControl !== undefined) await (await fetch(url)).arrayBuffer()
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
