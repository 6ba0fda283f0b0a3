import type { Counter, Gauge, Histogram, MetricRegistry } from './registry.ts'

export interface MetricDeclaration {
  kind: 'counter' | 'gauge' | 'histogram'
  /** `s`, `By`, `1`, … (UCUM, as OpenTelemetry uses). */
  unit: string
  help: string
  labels?: readonly string[]
}

/** Key: the metric's name without prefix and suffix, in camelCase: `requestDuration`. */
export type MetricTable = Record<string, MetricDeclaration>

type LabelNames<Declaration extends MetricDeclaration> = Declaration['labels'] extends readonly (infer Name)[]
  ? Extract<Name, string>
  : never

/** What a capability gets for its table: one typed instrument per key. */
export type Instruments<Table extends MetricTable> = {
  readonly [Key in keyof Table]: Table[Key]['kind'] extends 'counter'
    ? Counter<LabelNames<Table[Key]>>
    : Table[Key]['kind'] extends 'gauge'
      ? Gauge<LabelNames<Table[Key]>>
      : Histogram<LabelNames<Table[Key]>>
}

const UNIT_SUFFIX: Record<string, string> = { s: '_seconds', By: '_bytes', '1': '' }

/** `cache` + `loadDuration` + s → `millrace_cache_load_duration_seconds`; counters end in `_total`. */
export function metricName(capability: string, key: string, declaration: MetricDeclaration): string {
  const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const suffix = UNIT_SUFFIX[declaration.unit] ?? ''
  const total = declaration.kind === 'counter' ? '_total' : ''
  return `millrace_${capability.replaceAll('-', '_')}_${snake}${suffix}${total}`
}

/** Creates the instruments of a table in a registry. */
export function createInstruments<const Table extends MetricTable>(
  registry: MetricRegistry,
  capability: string,
  table: Table,
): Instruments<Table> {
  const instruments: Record<string, unknown> = {}
  for (const [key, declaration] of Object.entries(table)) {
    const options = {
      name: metricName(capability, key, declaration),
      help: declaration.help,
      unit: declaration.unit,
      labels: declaration.labels ?? [],
    }
    instruments[key] = registry[declaration.kind](options)
  }
  return instruments as Instruments<Table>
}
