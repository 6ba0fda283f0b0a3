import type { Clock, EventBus, Logger } from '@millrace/core'
import type { Pool } from 'pg'
import { databaseProblem } from '../database/failure.ts'
import { toEntry, toRow, type AuditRecord, type AuditRow } from './audit-row.ts'
import type { AuditEntry } from './schema.ts'

export interface AuditQuery {
  limit: number
  before?: string | undefined
  action?: string | undefined
  actor?: string | undefined
}

export interface AuditLog {
  /**
   * Returns the entry's id. Never rejects: the change has happened, and refusing to say so would not undo it. While
   * the database is away the entry waits in memory and the id is undefined.
   */
  record(record: AuditRecord): Promise<string | undefined>
  list(query: AuditQuery): Promise<AuditEntry[]>
  /** Removes what is older, a batch at a time; returns how many entries. */
  removeBefore(time: number, signal?: AbortSignal): Promise<number>
  /** Tries once more to store what waits. */
  stop(): Promise<void>
}

/** Entries that wait while the database is away. Beyond that the oldest goes to the log instead. */
export const MAX_WAITING = 1_000
const RETRY_MS = 2_000
/** Rows of one delete: none holds locks for long, however much there is to remove. */
const REMOVAL_BATCH = 5_000

// `auth.` asks for a whole family; `%` and `_` in it are meant literally.
const prefixPattern = (prefix: string): string => `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

export function createAuditLog(options: {
  pool: Pool
  events: EventBus
  clock: Clock
  logger: Logger
}): AuditLog {
  const { pool, events, clock, logger } = options
  const waiting: unknown[][] = []
  let storing: Promise<void> | undefined

  const insert = async (row: readonly unknown[]): Promise<string | undefined> => {
    const { rows } = await pool.query<{ id: string }>(
      `insert into platform.audit_log (at, actor_kind, actor_name, actor_role, action, outcome, input, output,
         before, after, error, duration_ms, address)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id`,
      [...row],
    )
    return rows[0]?.id
  }
  const storeWaiting = async (): Promise<void> => {
    for (let row = waiting[0]; row !== undefined; row = waiting[0]) {
      try {
        await insert(row)
      } catch (error) {
        if (databaseProblem(error) !== undefined) return
        logger.error({ err: error, entry: row }, 'an audit entry cannot be stored')
      }
      // The row itself, as the first one may have been pushed out in between.
      if (waiting[0] === row) waiting.shift()
    }
    logger.info('the audit entries that waited for the database are stored')
  }
  const flush = (): Promise<void> => {
    storing ??= storeWaiting().finally(() => (storing = undefined))
    return storing
  }
  const wait = (row: unknown[]): void => {
    if (waiting.length === 0) logger.warn('audit entries wait in memory until they can be stored')
    waiting.push(row)
    if (waiting.length <= MAX_WAITING) return
    logger.error({ entry: waiting.shift() }, 'too many audit entries wait: the oldest is only in this log')
  }
  const stopRetrying = clock.every(RETRY_MS, () => {
    if (waiting.length > 0) void flush()
  })

  return {
    record: async (record) => {
      const row = toRow(record, clock.now())
      let id: string | undefined
      try {
        id = await insert(row)
      } catch (error) {
        if (databaseProblem(error) === undefined)
          logger.error({ err: error, entry: row }, 'an audit entry cannot be stored')
        else wait(row)
      }
      events.emit('audit.recorded', { action: record.action, actor: record.actor.name })
      return id
    },
    removeBefore: async (time, signal) => {
      let removed = 0
      for (;;) {
        signal?.throwIfAborted()
        const { rowCount } = await pool.query(
          `delete from platform.audit_log where id in
             (select id from platform.audit_log where at < $1 order by at limit $2)`,
          [new Date(time), REMOVAL_BATCH],
        )
        removed += rowCount ?? 0
        if ((rowCount ?? 0) < REMOVAL_BATCH) return removed
      }
    },
    stop: async () => {
      stopRetrying()
      if (waiting.length > 0) await flush()
    },
    list: async ({ limit, before, action, actor }) => {
      const byPrefix = action?.endsWith('.') === true
      const { rows } = await pool.query<AuditRow>(
        `select * from platform.audit_log
         where ($2::bigint is null or id < $2)
           and ($3::text is null or action = $3)
           and ($4::text is null or action like $4)
           and ($5::text is null or actor_name = $5)
         order by id desc limit $1`,
        [
          limit,
          before ?? null,
          byPrefix ? null : (action ?? null),
          byPrefix ? prefixPattern(action) : null,
          actor ?? null,
        ],
      )
      return rows.map(toEntry)
    },
  }
}
