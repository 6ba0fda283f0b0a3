import type { Aggregate, Labels, MetricReader, Reporter } from '@millrace/core'
import { FAILED, GATEWAY, VISITORS } from './summary.ts'

/** Rows of a report: enough to draw, few enough to read. */
const ROWS = 96

interface Column {
  name: string
  metric: string
  aggregate: Aggregate
  where?: Labels
}

const COLUMNS: readonly Column[] = [
  { name: 'requestsPerSecond', metric: GATEWAY, aggregate: 'rate', where: VISITORS },
  { name: 'errorsPerSecond', metric: GATEWAY, aggregate: 'rate', where: { ...VISITORS, ...FAILED } },
  { name: 'responseSecondsP50', metric: GATEWAY, aggregate: 'p50', where: VISITORS },
  { name: 'responseSecondsP95', metric: GATEWAY, aggregate: 'p95', where: VISITORS },
  { name: 'responseSecondsP99', metric: GATEWAY, aggregate: 'p99', where: VISITORS },
  { name: 'applicationSecondsP95', metric: 'http_server_request_duration_seconds', aggregate: 'p95' },
  { name: 'databaseSecondsP95', metric: 'db_client_operation_duration_seconds', aggregate: 'p95' },
  { name: 'systemCpuRatio', metric: 'system_cpu_utilization_ratio', aggregate: 'avg' },
  { name: 'systemMemoryUsedBytes', metric: 'system_memory_used_bytes', aggregate: 'avg' },
  { name: 'eventLoopDelaySecondsP99', metric: 'nodejs_eventloop_delay_p99_seconds', aggregate: 'max' },
]

export type ReportRow = Record<string, string | number | null>

/** One row per step of the range, the same columns in each; null where nothing was recorded. */
export function createReporter(reader: MetricReader): Reporter {
  return {
    report: async ({ from, to }) => {
      const rows = new Map<number, ReportRow>()
      for (const { name, ...column } of COLUMNS) {
        const { series } = await reader.range({ ...column, from, to, width: ROWS })
        const [line] = series
        for (const [i, time] of (line?.times ?? []).entries()) {
          const row = rows.get(time) ?? { time: new Date(time).toISOString() }
          rows.set(time, row)
          row[name] = line?.values[i] ?? null
        }
      }
      return [...rows]
        .toSorted(([a], [b]) => a - b)
        .map(([, row]) => {
          const whole: ReportRow = { time: row['time'] ?? null }
          for (const { name } of COLUMNS) whole[name] = row[name] ?? null
          return whole
        })
    },
  }
}

/** RFC 4180. Values are our own numbers and times: none begins like a formula or holds a quote. */
export function reportCsv(rows: readonly ReportRow[]): string {
  const columns = ['time', ...COLUMNS.map(({ name }) => name)]
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','))
  return [columns.join(','), ...lines, ''].join('\r\n')
}
