/** What a benchmark is. The harness runs it; a file exports one as `benchmark`. */

export interface MetricSpec {
  name: string
  /** `1/s`, `ms`, `µs`, … */
  unit: string
  better: 'higher' | 'lower'
}

export interface RunOptions {
  /** Of one measurement. */
  seconds: number
  /** A folder of its own, removed afterwards. */
  dir: string
}

/** A contender that is up and can be measured. */
export interface Running {
  /** Whose CPU time is counted, children included. */
  pid?: number
  /** Where it listens, when it does. */
  url?: string
  stop(): Promise<void>
}

export interface Contender<Environment> {
  name: string
  /** Exactly one is ours. */
  ours?: boolean
  /** Throws `MissingPeer` when it is not installed: reported by name, never left out in silence. */
  start(environment: Environment, options: RunOptions): Promise<Running>
}

export interface Measurement {
  /** By metric name. A metric that ours has in a case is reported for it, with the peers that have it too. */
  values: Record<string, number>
  /** Share of the whole machine's CPU that others used meanwhile, 0–1. */
  foreignCpu?: number
}

export interface Benchmark<Case = unknown, Environment = unknown> {
  name: string
  title: string
  metrics: readonly MetricSpec[]
  cases: Readonly<Record<string, Case>>
  contenders: readonly Contender<Environment>[]
  /** What all contenders share: an upstream, data. */
  prepare(options: RunOptions): Promise<{ environment: Environment; stop(): Promise<void> }>
  /** One measurement. The harness interleaves contenders, repeats, and takes medians. */
  measure(
    running: Running,
    benchmarkCase: Case,
    environment: Environment,
    options: RunOptions,
  ): Promise<Measurement>
}

export const defineBenchmark = <Case, Environment>(
  benchmark: Benchmark<Case, Environment>,
): Benchmark<Case, Environment> => benchmark

export class MissingPeer extends Error {
  override name = 'MissingPeer'
}
