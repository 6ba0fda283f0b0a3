import type { Aggregate, Labels } from '@millrace/core'

export const GATEWAY = 'millrace_gateway_request_duration_seconds'
const APPLICATION = 'http_server_request_duration_seconds'
/** The panel's own traffic is not the visitors'. */
export const VISITORS: Labels = { pool: '!control-plane' }
export const FAILED: Labels = { status: '~^5' }

/** null: nothing was recorded. */
export interface Summary {
  /** What the request numbers were read from. */
  source: 'gateway' | 'application' | null
  requests: {
    ratePerSecond: number | null
    total: number | null
    /** Share of answers with a status of 500 and above. */
    errorRatio: number | null
    p50Seconds: number | null
    p95Seconds: number | null
    p99Seconds: number | null
  }
  system: {
    cpuRatio: number | null
    memoryUsedBytes: number | null
    memoryTotalBytes: number | null
    memoryRatio: number | null
    load1: number | null
  }
  database: { p95Seconds: number | null; ratePerSecond: number | null }
  cache: { hitRatio: number | null }
}

/** Answers a whole range as one value per group. */
export interface WholeReader {
  over(query: {
    metric: string
    from: number
    to: number
    aggregate: Aggregate
    where?: Labels
    by?: readonly string[]
  }): Promise<{ labels: Labels; value: number }[]>
}

const ratio = (part: number | null, whole: number | null): number | null =>
  whole === null || whole === 0 ? null : (part ?? 0) / whole

/** The range in a dozen numbers, all from stored series. Errors and visitors are counted where they were seen first. */
export async function summarize(reader: WholeReader, range: { from: number; to: number }): Promise<Summary> {
  const value = async (metric: string, aggregate: Aggregate, where?: Labels): Promise<number | null> => {
    const [only] = await reader.over({
      ...range,
      metric,
      aggregate,
      ...(where === undefined ? {} : { where }),
    })
    return only?.value ?? null
  }
  const gateway = await value(GATEWAY, 'sum', VISITORS)
  const application = gateway === null ? await value(APPLICATION, 'sum') : null
  const [metric, where] = gateway === null ? [APPLICATION, {}] : [GATEWAY, VISITORS]
  const total = gateway ?? application
  const [failed, rate, p50, p95, p99, cpu, used, limit, load1, dbP95, dbRate, hits, misses] =
    await Promise.all([
      value(metric, 'sum', { ...where, ...FAILED }),
      value(metric, 'rate', where),
      value(metric, 'p50', where),
      value(metric, 'p95', where),
      value(metric, 'p99', where),
      value('system_cpu_utilization_ratio', 'avg'),
      value('system_memory_used_bytes', 'avg'),
      value('system_memory_total_bytes', 'last'),
      value('system_load_1m', 'last'),
      value('db_client_operation_duration_seconds', 'p95'),
      value('db_client_operation_duration_seconds', 'rate'),
      value('millrace_cache_hits_total', 'sum'),
      value('millrace_cache_misses_total', 'sum'),
    ])
  return {
    source: gateway === null ? (application === null ? null : 'application') : 'gateway',
    requests: {
      ratePerSecond: rate,
      total,
      errorRatio: ratio(failed, total),
      p50Seconds: p50,
      p95Seconds: p95,
      p99Seconds: p99,
    },
    system: {
      cpuRatio: cpu,
      memoryUsedBytes: used,
      memoryTotalBytes: limit,
      memoryRatio: ratio(used, limit),
      load1,
    },
    database: { p95Seconds: dbP95, ratePerSecond: dbRate },
    cache: { hitRatio: hits === null && misses === null ? null : ratio(hits, (hits ?? 0) + (misses ?? 0)) },
  }
}
