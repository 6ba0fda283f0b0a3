import { allocatePort } from '@millrace/core/process'
import { WORKER_V8_FLAGS } from '@millrace/gateway'
import { defineBenchmark, type Contender } from '../benchmark.ts'
import { fixedRate } from '../load/fixed-rate.ts'
import { startNodeProgram } from '../node-program.ts'

const PROXY_CPU = 0
const OTHER_CPU = 1
const CONNECTIONS = 64

interface Environment {
  /** The first is the slow one. */
  ports: number[]
}

const algorithm = (balance: string, ours = false): Contender<Environment> => ({
  name: balance,
  ...(ours && { ours }),
  start: ({ ports }) =>
    startNodeProgram(
      './peers/millrace-pool.ts',
      JSON.stringify({ balance, ports }),
      PROXY_CPU,
      WORKER_V8_FLAGS,
    ),
})

/** Does one slow backend of three slow the visitors of all? At a fixed rate, so that waiting does not reduce the load. */
export const benchmark = defineBenchmark<{ perSecond: number }, Environment>({
  name: 'slow-backend',
  title: `One backend of three answers after 300 ms; ${CONNECTIONS} connections, a fixed rate`,
  metrics: [
    { name: 'latency_p50', unit: 'ms', better: 'lower' },
    { name: 'latency_p90', unit: 'ms', better: 'lower' },
    { name: 'latency_p99', unit: 'ms', better: 'lower' },
    { name: 'at_fast_backends', unit: '%', better: 'higher' },
  ],
  cases: { '100 requests/s': { perSecond: 100 }, '300 requests/s': { perSecond: 300 } },
  contenders: [
    algorithm('least-response-time', true),
    algorithm('two-choices'),
    algorithm('least-connections'),
    algorithm('round-robin'),
  ],
  async prepare() {
    const others = [await allocatePort(), await allocatePort()]
    const upstreams = await startNodeProgram('./peers/slow-upstreams.ts', others.join(','), OTHER_CPU)
    const ports = [Number(new URL(upstreams.url!).port), ...others]
    return { environment: { ports }, stop: () => upstreams.stop() }
  },
  async measure(running, { perSecond }, _environment, { seconds }) {
    const { latencies, answers, errors } = await fixedRate(running.url!, {
      connections: CONNECTIONS,
      seconds,
      perSecond,
    })
    if (errors > 0) throw new Error(`${running.url}: ${errors} failed requests`)
    const at = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1]!
    return {
      values: {
        latency_p50: at(0.5),
        latency_p90: at(0.9),
        latency_p99: at(0.99),
        at_fast_backends: ((answers.get('fast') ?? 0) / latencies.length) * 100,
      },
    }
  },
})
