import { defineBenchmark } from '../benchmark.ts'
import { CONNECTIONS, fileUpstream, OTHER_CPU, SIZES } from '../load/saturated.ts'
import { fixedRateFrom } from '../load/fixed-rate-process.ts'
import { proxies } from '../peers/proxies.ts'
import { withCpu } from '../process-cpu.ts'

/** Well below what the slowest of them can do, so that it is latency that is compared and not who is at an end. */
const PER_SECOND = 2_000

/** Latency at a rate that does not depend on the answers: what visitors see of a server that is not at its end. */
export const benchmark = defineBenchmark<{ path: string }, string>({
  name: 'gateway-rate',
  title: `Gateway, one worker, ${PER_SECOND} requests a second over ${CONNECTIONS} keep-alive connections, everything on 127.0.0.1`,
  metrics: [
    { name: 'latency_p50', unit: 'ms', better: 'lower' },
    { name: 'latency_p99', unit: 'ms', better: 'lower' },
    { name: 'latency_p999', unit: 'ms', better: 'lower' },
    { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
  ],
  cases: SIZES,
  contenders: proxies,
  prepare: fileUpstream(),
  async measure(running, { path }, _upstream, { seconds }) {
    const url = `${running.url}${path}`
    const { result, cpu } = await withCpu(running.pid!, () =>
      fixedRateFrom(OTHER_CPU, { url, connections: CONNECTIONS, seconds, perSecond: PER_SECOND }),
    )
    if (result.errors > 0) throw new Error(`${url}: ${result.errors} failed requests`)
    return {
      values: {
        latency_p50: result.p50Ms,
        latency_p99: result.p99Ms,
        latency_p999: result.p999Ms,
        cpu_per_request: (cpu.process / result.requests) * 1e6,
      },
      foreignCpu: cpu.foreign,
    }
  },
})
