import { defineBenchmark, operationsPerCpuSecond, type Running } from '@millrace/bench'
import { createBalancer, type Candidate } from '../src/balancing/balancer.ts'
import { hashText } from '../src/balancing/hash.ts'
import { BALANCE_ALGORITHMS, type BalanceAlgorithm } from '../src/config.ts'

interface Case {
  backends: number
  /** All the same, or one in four three times as heavy. */
  weighted?: boolean
}

class Idle implements Candidate {
  readonly id: string
  readonly weight: number
  inFlight = 0
  share = 0
  notBefore = 0

  constructor(id: string, weight: number) {
    this.id = id
    this.weight = weight
  }

  available(now: number): boolean {
    return this.inFlight < 1_000 && now >= this.notBefore
  }

  latency(): number {
    return 5
  }
}

const KEYS = Uint32Array.from({ length: 4_096 }, (_, index) => hashText(`visitor ${index}`))

/** A choice as a pool makes it; each request ends when 64 others have begun. */
function choices(algorithm: BalanceAlgorithm, { backends: count, weighted = false }: Case): () => unknown {
  const backends = Array.from(
    { length: count },
    (_, index) => new Idle(`app/${index}`, weighted && index % 4 === 0 ? 3 : 1),
  )
  const balancer = createBalancer(algorithm)
  const inFlight: Idle[] = Array.from({ length: 64 }, () => backends[0]!)
  backends[0]!.inFlight = inFlight.length
  let turn = 0
  return () => {
    const backend = balancer.pick(backends, turn, undefined, KEYS[turn & 4_095])!
    const at = turn++ & 63
    inFlight[at]!.inFlight--
    backend.inFlight++
    inFlight[at] = backend
    return backend
  }
}

/** What all are compared with: the default. */
const OURS: BalanceAlgorithm = 'round-robin'
/** Without the names that mean round robin as well. */
const COMPARED = BALANCE_ALGORITHMS.filter((name) => name !== 'weighted' && name !== 'weighted-round-robin')

interface Contestant extends Running {
  algorithm: BalanceAlgorithm
}

export const benchmark = defineBenchmark<Case, undefined>({
  name: 'balancing',
  title: 'Choosing a backend, 64 requests in flight',
  metrics: [{ name: 'cpu_per_choice', unit: 'ns', better: 'lower' }],
  cases: {
    '1 backend': { backends: 1 },
    '3 backends': { backends: 3 },
    '10 backends': { backends: 10 },
    '100 backends': { backends: 100 },
    '1,000 backends': { backends: 1_000 },
    '10 backends of two weights': { backends: 10, weighted: true },
    '1,000 backends of two weights': { backends: 1_000, weighted: true },
  },
  contenders: COMPARED.map((algorithm) => ({
    name: algorithm,
    ...(algorithm === OURS && { ours: true }),
    start: async (): Promise<Contestant> => ({ algorithm, stop: async () => undefined }),
  })),
  prepare: async () => ({ environment: undefined, stop: async () => undefined }),
  async measure(running, benchmarkCase, _environment, { seconds }) {
    const { algorithm } = running as Contestant
    const { perCpuSecond } = await operationsPerCpuSecond(choices(algorithm, benchmarkCase), seconds / 4)
    return { values: { cpu_per_choice: 1e9 / perCpuSecond } }
  },
})
