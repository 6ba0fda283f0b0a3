/** What `/api/performance` (seed 004) reads besides the capabilities' overviews. */

export interface Alert {
  id: string
  rule: string
  severity: 'info' | 'warning' | 'critical'
  state: 'pending' | 'firing' | 'resolved'
  summary: string
  since: number
}

export interface AlertReader {
  list(range: { from: number; to: number }): Promise<Alert[]>
}

export interface Reporter {
  /** Rows of a report over the range, one object a row, the same keys in each. */
  report(range: { from: number; to: number }): Promise<Record<string, string | number | null>[]>
}

export interface Optimizer {
  optimize(input: { targets?: readonly string[] }): Promise<Record<string, unknown>>
}
