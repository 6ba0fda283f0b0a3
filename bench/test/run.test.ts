import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { defineBenchmark, MissingPeer, type Benchmark } from '../src/benchmark.ts'
import { describeRun } from '../src/meta.ts'
import { toRows, toTable } from '../src/report.ts'
import { run } from '../src/run.ts'

/** Contenders whose speed is known: what comes out must be exactly that. */
function example(log: string[] = []) {
  let dir = ''
  const contender = (name: string, speed: number, ours = false) => ({
    name,
    ours,
    start: async () => {
      log.push(`start ${name}`)
      return { url: String(speed), stop: async () => void log.push(`stop ${name}`) }
    },
  })
  const benchmark = defineBenchmark<{ size: number }, null>({
    name: 'example',
    title: 'Example',
    metrics: [
      { name: 'speed', unit: '1/s', better: 'higher' },
      { name: 'time', unit: 'ms', better: 'lower' },
    ],
    cases: { small: { size: 1 }, large: { size: 2 } },
    contenders: [
      contender('ours', 200, true),
      contender('slow', 100),
      {
        name: 'absent',
        start: async () => {
          throw new MissingPeer('the command absent is not installed')
        },
      },
    ],
    prepare: async (options) => {
      dir = options.dir
      return { environment: null, stop: async () => void log.push('stop all') }
    },
    measure: async ({ url }, { size }, _environment, { seconds }) => {
      if (seconds > 1) log.push(`${url}/${size}`)
      return { values: { speed: Number(url) / size, time: (size * 1_000) / Number(url) }, foreignCpu: 0.25 }
    },
  })
  return { benchmark: benchmark as unknown as Benchmark, dir: () => dir }
}

const options = { rounds: 2, seconds: 3, peers: undefined, progress: () => undefined }

it('interleaves, takes medians, and reports who is missing', async () => {
  const log: string[] = []
  const { benchmark, dir } = example(log)
  const samples = await run(benchmark, options)
  const measured = log.filter((line) => line.includes('/'))
  // After the warm-up, of at most 2 s, which this benchmark logs too.
  expect(measured.slice(-8)).toEqual(['200/1', '100/1', '200/2', '100/2', '100/1', '200/1', '100/2', '200/2'])
  expect(log.slice(-3)).toEqual(['stop ours', 'stop slow', 'stop all'])
  expect(existsSync(dir())).toBe(false)
  expect(samples.missing).toEqual([{ peer: 'absent', reason: 'the command absent is not installed' }])
  const rows = toRows(benchmark, samples)
  expect(rows[0]).toEqual({
    name: 'small',
    metric: 'speed',
    unit: '1/s',
    ours: 200,
    peers: { slow: 100 },
    ratio: { slow: 2 },
  })
  expect(rows[3]).toEqual({
    name: 'large',
    metric: 'time',
    unit: 'ms',
    ours: 10,
    peers: { slow: 20 },
    ratio: { slow: 2 },
  })
  expect(toTable(benchmark, rows)).toContain('20 (×2)')
  const meta = describeRun(process.cwd(), samples, { rounds: 2, seconds: 3 })
  expect(meta).toMatchObject({ node: process.version, rounds: 2, seconds: 3, missing: [{ peer: 'absent' }] })
  expect(meta.foreignCpu).toEqual({ small: { ours: 0.25, slow: 0.25 }, large: { ours: 0.25, slow: 0.25 } })
})

it('stops everything when a measurement fails', async () => {
  const log: string[] = []
  const { benchmark, dir } = example(log)
  const failing: Benchmark = {
    ...benchmark,
    measure: async () => Promise.reject(new Error('3 failed requests')),
  }
  await expect(run(failing, options)).rejects.toThrow('3 failed requests')
  expect(log).toEqual(['start ours', 'start slow', 'stop ours', 'stop slow', 'stop all'])
  expect(existsSync(dir())).toBe(false)
})

it('compares with the peers asked for only', async () => {
  const { benchmark } = example()
  const samples = await run(benchmark, { ...options, peers: ['slow'] })
  expect(samples.missing).toEqual([])
  expect(Object.keys(samples.measurements.small!)).toEqual(['ours', 'slow'])
})
