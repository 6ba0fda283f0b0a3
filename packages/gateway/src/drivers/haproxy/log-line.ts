import { nameWithout } from './quote.ts'

/** Tells a request's line from HAProxy's other messages. */
const MARK = 'millrace'
const SEPARATOR = '\t'
/** In HAProxy's configuration. */
const WRITTEN_SEPARATOR = String.raw`\t`

/**
 * One word of the configuration: fields of HAProxy's log format (configuration manual, section 8.2.4), apart by tabs: control characters in what visitors send
 * are written as #XX, so none of them can be taken for another field.
 */
export const LOG_FORMAT = [
  MARK,
  '%HM',
  '%ST',
  '%B',
  '%Ta',
  '%b',
  '%s',
  '%tsc',
  '%rc',
  '%ci',
  '%[var(txn.id)]',
  '%[var(txn.trace)]',
  '%[var(txn.part)]',
  '%[var(txn.unseen)]',
  '%HP',
  '%[capture.req.hdr(0)]',
  '%[capture.req.hdr(1)]',
].join(WRITTEN_SEPARATOR)

/** One request as HAProxy wrote it down. */
export interface LoggedRequest {
  method: string
  status: number
  /** Everything sent to the visitor, headers included. */
  bytes: number
  durationMs: number
  /** Undefined: no route, or refused before. */
  pool: string | undefined
  backend: string | undefined
  /** HAProxy's termination state: `--` when all went well. */
  termination: string
  attempts: number
  remote: string
  requestId: string | undefined
  traceId: string | undefined
  /** The part of a split that it was sent to. */
  split: { name: string; pool: string; fellBack: boolean } | undefined
  /** Written down for its split only: the others of its kind stand for it. */
  unseen: boolean
  path: string
  host: string | undefined
  userAgent: string | undefined
}

const known = (value: string | undefined): string | undefined =>
  value === undefined || value === '' || value === '-' ? undefined : value

/** `shop=pool.new`, with `!` at its end when nothing of that part was up and the stable one answered. */
function splitOf(part: string | undefined): LoggedRequest['split'] {
  const [, name, section, fellBack] = /^([a-z\d-]+)=([\w.-]+)(!?)$/.exec(part ?? '') ?? []
  const pool = nameWithout('pool.', section)
  return pool === undefined ? undefined : { name: name!, pool, fellBack: fellBack === '!' }
}

/** Undefined: another message. */
export function parseLogLine(line: string): LoggedRequest | undefined {
  if (!line.startsWith(`${MARK}${SEPARATOR}`)) return undefined
  const [
    ,
    method,
    status,
    bytes,
    duration,
    pool,
    server,
    termination,
    retries,
    remote,
    id,
    trace,
    part,
    unseen,
    path,
    host,
    agent,
  ] = line.split(SEPARATOR)
  const durationMs = Number(duration)
  const answered = Number(status)
  if (!Number.isFinite(durationMs) || !Number.isFinite(answered)) return undefined
  const backend = nameWithout('b.', server)
  return {
    method: method!,
    // 499, as NGINX has it: the visitor left before there was an answer.
    status: answered > 0 ? answered : 499,
    bytes: Number(bytes) || 0,
    durationMs: Math.max(0, durationMs),
    pool: nameWithout('pool.', pool),
    backend,
    termination: termination ?? '',
    // A redispatch to another backend is written as `+1`.
    attempts: backend === undefined ? 0 : 1 + (Number((retries ?? '0').replace('+', '')) || 0),
    remote: remote ?? '',
    requestId: known(id),
    traceId: known(trace),
    split: splitOf(known(part)),
    unseen: known(unseen) !== undefined,
    path: path ?? '',
    host: known(host),
    userAgent: known(agent),
  }
}
