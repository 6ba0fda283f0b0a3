import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MissingPeer, type Benchmark, type Contender, type Measurement, type Running } from './benchmark.ts'
import { rotated } from './statistics.ts'

export interface HarnessOptions {
  rounds: number
  seconds: number
  /** Names of peers to compare with; undefined: all. */
  peers: readonly string[] | undefined
  progress(message: string): void
}

export interface Samples {
  /** By case, by contender: one measurement per round. */
  measurements: Record<string, Record<string, Measurement[]>>
  missing: { peer: string; reason: string }[]
}

interface Started {
  contender: Contender<unknown>
  running: Running
}

/**
 * Starts everything, then measures in rounds: each case with each contender in turn, beginning with another one every
 * round, so that a slow minute of the machine hits all of them alike.
 */
export async function run(benchmark: Benchmark, options: HarnessOptions): Promise<Samples> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const runOptions = { seconds: options.seconds, dir }
  const samples: Samples = { measurements: {}, missing: [] }
  const started: Started[] = []
  const prepared = await benchmark.prepare(runOptions)
  const { environment } = prepared
  try {
    const wanted = benchmark.contenders.filter(
      ({ name, ours }) => ours === true || options.peers === undefined || options.peers.includes(name),
    )
    for (const contender of wanted) {
      try {
        started.push({ contender, running: await contender.start(environment, runOptions) })
      } catch (error) {
        if (!(error instanceof MissingPeer)) throw error
        samples.missing.push({ peer: contender.name, reason: error.message })
        options.progress(`${contender.name}: not measured, ${error.message}`)
      }
    }
    const warmUp = { ...runOptions, seconds: Math.min(2, options.seconds) }
    for (const { contender, running } of started) {
      options.progress(`warming up ${contender.name}`)
      for (const benchmarkCase of Object.values(benchmark.cases)) {
        await benchmark.measure(running, benchmarkCase, environment, warmUp)
      }
    }
    for (let round = 0; round < options.rounds; round++) {
      options.progress(`round ${round + 1} of ${options.rounds}`)
      for (const [name, benchmarkCase] of Object.entries(benchmark.cases)) {
        for (const { contender, running } of rotated(started, round)) {
          const measured = await benchmark.measure(running, benchmarkCase, environment, runOptions)
          const byContender = (samples.measurements[name] ??= {})
          ;(byContender[contender.name] ??= []).push(measured)
        }
      }
    }
  } finally {
    for (const { running } of started) await running.stop()
    await prepared.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return samples
}
