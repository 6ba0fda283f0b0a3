import { allocatePort } from '@millrace/core/process'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  defineBenchmark,
  MissingPeer,
  startListening,
  withCpu,
  type Contender,
  type Running,
} from '@millrace/bench'
import { remoteWrite, type RemoteSeries } from './remote-write.ts'

const SERIES = 200
const STEP_MS = 2_000
const PUSHES = 900
const QUERIES = 20
const METRIC = 'level'
const PROMETHEUS = 'prometheus'

interface Store extends Running {
  /** Time of the next push: every measurement of `ingest` goes on where the last one ended. */
  next: number
  push(list: readonly RemoteSeries[], at: number): Promise<Response>
  query(from: number, to: number): Promise<Response>
}

const start = Math.floor((Date.now() - 12 * 3_600_000) / 3_600_000) * 3_600_000

const valuesAt = (at: number): RemoteSeries[] =>
  Array.from({ length: SERIES }, (_, i) => ({
    metric: METRIC,
    series: String(i),
    value: Math.round(1_000 * Math.sin(at / 60_000 + i)) / 10,
  }))

const otlp = (list: readonly RemoteSeries[], at: number): string =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeMetrics: [
          {
            scope: { name: 'millrace' },
            metrics: [
              {
                name: METRIC,
                unit: '1',
                gauge: {
                  dataPoints: list.map(({ series, value }) => ({
                    attributes: [{ key: 'series', value: { stringValue: series } }],
                    timeUnixNano: `${at}000000`,
                    asDouble: value,
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  })

const millrace: Contender<undefined> = {
  name: 'millrace',
  ours: true,
  async start() {
    const port = await allocatePort()
    const program = fileURLToPath(new URL('./apps/millrace.ts', import.meta.url))
    const command = [process.execPath, '--conditions=millrace:source', program, String(port), String(start)]
    const running = await startListening(command, port)
    const store: Store = {
      ...running,
      next: start,
      push: (list, at) => fetch(running.url!, { method: 'POST', body: otlp(list, at) }),
      query: (from, to) => fetch(`${running.url}/?metric=${METRIC}&from=${from}&to=${to}`),
    }
    return store
  },
}

const prometheus: Contender<undefined> = {
  name: 'prometheus',
  async start(_environment, { dir }) {
    try {
      execFileSync(PROMETHEUS, ['--version'], { stdio: 'ignore' })
    } catch {
      throw new MissingPeer('prometheus is not installed (Debian package prometheus)')
    }
    const port = await allocatePort()
    const config = join(dir, 'prometheus.yml')
    await writeFile(config, 'global: {}\n')
    const running = await startListening(
      [
        PROMETHEUS,
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(dir, 'prometheus')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
      ],
      port,
    )
    const headers = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' }
    const store: Store = {
      ...running,
      next: start,
      push: (list, at) =>
        fetch(`${running.url}/api/v1/write`, {
          method: 'POST',
          headers,
          body: new Uint8Array(remoteWrite(list, at)),
        }),
      query: (from, to) => {
        const range = `start=${from / 1_000}&end=${to / 1_000}&step=10`
        return fetch(`${running.url}/api/v1/query_range?query=avg_over_time(${METRIC}[10s])&${range}`)
      },
    }
    return store
  },
}

async function ingest(store: Store): Promise<number> {
  for (let i = 0; i < PUSHES; i++, store.next += STEP_MS) {
    const response = await store.push(valuesAt(store.next), store.next)
    const text = await response.text()
    if (!response.ok) throw new Error(`push: ${response.status} ${text}`)
  }
  return (PUSHES * SERIES) / 100_000
}

async function query(store: Store): Promise<number> {
  const to = store.next - 20_000
  for (let i = 0; i < QUERIES; i++) {
    const text = await (await store.query(to - 3_600_000, to)).text()
    // 200 series of at least half an hour in ten-second steps: an answer that is shorter is an error.
    if (text.length < SERIES * 180 * 4) throw new Error(`query: ${text.slice(0, 500)}`)
  }
  return QUERIES
}

export const benchmark = defineBenchmark<(store: Store) => Promise<number>, undefined>({
  name: 'monitoring',
  title: `Metrics storage: CPU with its database, ${SERIES} series every ${STEP_MS / 1_000} s`,
  metrics: [{ name: 'cpu', unit: 'ms', better: 'lower' }],
  cases: { 'per 100,000 samples taken in': ingest, 'per query of the last hour in 10 s steps': query },
  contenders: [millrace, prometheus],
  prepare: async () => ({ environment: undefined, stop: async () => undefined }),
  async measure(running, run) {
    const store = running as Store
    const { result, cpu } = await withCpu(store.pid!, () => run(store))
    return { values: { cpu: (cpu.process * 1_000) / result }, foreignCpu: cpu.foreign }
  },
})
