import { performance } from 'node:perf_hooks'
import type { BoundHistogram, MetricRegistry } from '@millrace/core/metrics'
import { guarded } from '../guard.ts'
import { sqlOperation } from './operation.ts'

type Callback = (...args: unknown[]) => unknown
type Query = (this: unknown, ...args: unknown[]) => unknown

interface Submittable {
  submit: unknown
  text?: unknown
  cursor?: { text?: unknown }
  callback?: Callback
  handleReadyForQuery?: Callback
  handleError?: Callback
}
interface Config {
  text?: unknown
  callback?: Callback
}

/** Calls `finish` once, before the function it stands in for. */
function before(original: unknown, finish: () => void): Callback {
  return function (this: unknown, ...args: unknown[]): unknown {
    finish()
    return typeof original === 'function' ? original.apply(this, args) : undefined
  }
}

/** A cursor, a stream or a `pg.Query`: finished when the server is ready for the next query, or failed. */
function watchSubmittable(query: Submittable, finish: () => void): void {
  query.handleReadyForQuery = before(query.handleReadyForQuery, finish)
  query.handleError = before(query.handleError, finish)
}

/** The arguments with the callback wrapped, wherever the caller put it; undefined when a promise is expected. */
function wrapCallback(args: unknown[], finish: () => void): unknown[] | undefined {
  const at = args.findLastIndex((argument) => typeof argument === 'function')
  if (at > 0) return args.with(at, before(args[at], finish))
  const config = args[0] as Config
  if (typeof config === 'object' && typeof config?.callback === 'function') {
    return args.with(
      0,
      Object.assign(Object.create(config) as Config, { callback: before(config.callback, finish) }),
    )
  }
  return undefined
}

/**
 * Wraps `Client.prototype.query` of `pg` (pools use it too). What the caller passes and gets keeps its meaning:
 * callbacks, promises with their rejections, cursors and streams. Returns false while the exports are incomplete.
 */
export function instrumentPostgres(
  exported: unknown,
  registry: MetricRegistry,
  onQuery: () => void,
): boolean {
  const prototype = (exported as { Client?: { prototype: { query: Query } } }).Client?.prototype
  if (typeof prototype?.query !== 'function') return false
  const duration = registry.histogram({
    name: 'db_client_operation_duration_seconds',
    help: 'Time from the call of a query to its result, by first SQL keyword; without the wait for a pool’s connection.',
    unit: 's',
    labels: ['system', 'operation'],
  })
  const series = new Map<string, BoundHistogram>()
  const seriesOf = (operation: string): BoundHistogram => {
    let bound = series.get(operation)
    if (bound === undefined)
      series.set(operation, (bound = duration.with({ system: 'postgresql', operation })))
    return bound
  }
  const startTimer = (first: Submittable & Config): (() => void) => {
    const text = typeof first === 'string' ? first : (first.text ?? first.cursor?.text)
    const bound = seriesOf(sqlOperation(text))
    const started = performance.now()
    let open = true
    return () => {
      if (open) bound.record((performance.now() - started) / 1_000)
      open = false
    }
  }
  const { query } = prototype
  prototype.query = function (this: unknown, ...args: unknown[]): unknown {
    const finish = guarded('pg', () => {
      onQuery()
      return args[0] === null || args[0] === undefined
        ? undefined
        : startTimer(args[0] as Submittable & Config)
    })
    if (finish === undefined) return query.apply(this, args)
    const first = args[0] as Submittable
    if (typeof first.submit === 'function') {
      guarded('pg', () => watchSubmittable(first, finish))
      return query.apply(this, args)
    }
    const wrapped = guarded('pg', () => wrapCallback(args, finish))
    const result = query.apply(this, wrapped ?? args)
    if (wrapped !== undefined || typeof (result as Promise<unknown>)?.then !== 'function') return result
    // The derived promise is returned, not a second branch: an unhandled rejection must stay unhandled.
    return (result as Promise<unknown>).then(
      (value) => {
        finish()
        return value
      },
      (error: unknown) => {
        finish()
        throw error
      },
    )
  }
  return true
}
