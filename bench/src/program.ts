import type { Benchmark } from './benchmark.ts'
import type { Samples } from './run.ts'

export interface ProgramContext {
  /** Of the repository. */
  root: string
  /** Everything but the result; the result alone goes to standard output. */
  progress(this: void, message: string): void
  print(this: void, result: string): void
  /** Writes `bench/results/<name>.json` and its side file. */
  write(benchmark: Benchmark, samples: Samples): void
}

/** A benchmark with options of its own, whose result does not depend on time: it has no rounds. */
export interface BenchmarkProgram {
  name: string
  usage: string
  /** `args`: what follows the name. Returns the exit code. */
  run(args: readonly string[], context: ProgramContext): Promise<number>
}

export const defineProgram = (program: BenchmarkProgram): BenchmarkProgram => program
