/**
 * The one error class of the platform. Every error a user can meet has a stable code whose prefix is the
 * package it comes from (`CACHE_KEY_TOO_LONG`), an HTTP status, and the details needed to act on it.
 */

const brand = Symbol.for('millrace.error')

export interface MillraceErrorOptions {
  /** Stable, upper snake case, prefixed with the package name. */
  code: string
  /** HTTP status that the error maps to, 400–599. */
  status: number
  /** Short and constant per code; the `title` of the RFC 9457 problem document. */
  title: string
  cause?: unknown
  /** Machine-readable facts: the field, the value, the accepted values. Never secrets. */
  details?: Record<string, unknown>
  /** Whether message and details may leave the process. Default: true below 500. */
  expose?: boolean
}

export class MillraceError extends Error {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly details: Record<string, unknown>
  readonly expose: boolean

  constructor(message: string, options: MillraceErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MillraceError'
    this.code = options.code
    this.status = options.status
    this.title = options.title
    this.details = options.details ?? {}
    this.expose = options.expose ?? options.status < 500
    Object.defineProperty(this, brand, { value: true })
  }

  /** By brand, not by prototype: two copies of this package in one process still recognise each other's errors. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }
}

export interface ErrorSpec<Details extends Record<string, unknown>> {
  status: number
  title: string
  /** Says what was wrong, with the field and the accepted values, and what to do next. */
  message: (details: Details) => string
  expose?: boolean
}

// The catalogue is typed by its own literal, so a call site must pass exactly the details its message uses.
type Catalogue = Record<string, ErrorSpec<never>>
type DetailsOf<Spec> = Spec extends ErrorSpec<infer Details> ? Details : never

export type ErrorFactories<Table extends Catalogue> = {
  [Code in keyof Table]: (details: DetailsOf<Table[Code]>, cause?: unknown) => MillraceError
}

export interface ErrorEntry {
  code: string
  status: number
  title: string
}

const catalogue = Symbol.for('millrace.errors')

/**
 * Declares the errors of a package: `defineErrors('CACHE', { KEY_TOO_LONG: { status: 400, … } })` returns a
 * factory per code; `throw errors.KEY_TOO_LONG({ length, max })` throws code `CACHE_KEY_TOO_LONG`.
 */
export function defineErrors<const Table extends Catalogue>(
  prefix: string,
  table: Table,
): ErrorFactories<Table> {
  const entries: ErrorEntry[] = []
  const factories: Record<string, (details: never, cause?: unknown) => MillraceError> = {}
  for (const [name, spec] of Object.entries(table)) {
    const code = `${prefix}_${name}`
    entries.push({ code, status: spec.status, title: spec.title })
    factories[name] = (details, cause) =>
      new MillraceError(spec.message(details), {
        code,
        status: spec.status,
        title: spec.title,
        cause,
        details,
        ...(spec.expose === undefined ? {} : { expose: spec.expose }),
      })
  }
  Object.defineProperty(factories, catalogue, { value: entries })
  return factories as ErrorFactories<Table>
}

/** The codes a catalogue declares, for the generated reference page. */
export function listErrors(factories: object): ErrorEntry[] {
  return (factories as { [catalogue]?: ErrorEntry[] })[catalogue] ?? []
}
