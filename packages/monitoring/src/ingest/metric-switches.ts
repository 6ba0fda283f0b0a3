import type { MonitoringConfig } from '../config.ts'

type Switch = keyof MonitoringConfig['metrics']

/** Which metrics each of seed 000's switches covers. */
const FAMILIES: Record<Switch, RegExp> = {
  api: /^(http_server_|millrace_gateway_)/,
  database: /^db_/,
  cache: /^millrace_cache_/,
  memory: /(_memory_|_heap_|_swap_)/,
  cpu: /(_cpu_|_load_\d)/,
}

/** A test for the metrics that are switched off, remembered by name. */
export function disabledMetrics(config: MonitoringConfig): (metric: string) => boolean {
  if (!config.enabled) return () => true
  const off = (Object.keys(FAMILIES) as Switch[]).filter((name) => !config.metrics[name])
  if (off.length === 0) return () => false
  const known = new Map<string, boolean>()
  return (metric) => {
    let disabled = known.get(metric)
    if (disabled === undefined) {
      disabled = off.some((name) => FAMILIES[name].test(metric))
      if (known.size < 10_000) known.set(metric, disabled)
    }
    return disabled
  }
}
