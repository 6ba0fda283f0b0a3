import { MillraceError, type Actor, type EventBus, type Logger } from '@millrace/core'
import type { Pool } from 'pg'
import { toJsonColumn } from '../database/json-column.ts'
import type { AuditEntry } from './schema.ts'

export interface AuditRecord {
  actor: Actor
  action: string
  input?: unknown
  output?: unknown
  before?: unknown
  after?: unknown
  error?: unknown
  durationMs?: number
  address?: string | undefined
}

export interface AuditQuery {
  limit: number
  before?: string | undefined
  action?: string | undefined
  actor?: string | undefined
}

export interface AuditLog {
  /**
   * Returns the entry's id. Never rejects: the change has happened, and refusing to say so would not undo it. While
   * the database is away the whole entry goes to the log, and the id is undefined.
   */
  record(record: AuditRecord): Promise<string | undefined>
  list(query: AuditQuery): Promise<AuditEntry[]>
}

interface Row {
  id: string
  at: Date
  actor_kind: Actor['kind']
  actor_name: string
  actor_role: Actor['role']
  action: string
  outcome: 'ok' | 'failed'
  input: unknown
  output: unknown
  before: unknown
  after: unknown
  error: { code: string; message: string } | null
  duration_ms: number | null
  address: string | null
}

const toEntry = (row: Row): AuditEntry => ({
  id: row.id,
  at: row.at.getTime(),
  actor: { kind: row.actor_kind, name: row.actor_name, role: row.actor_role },
  action: row.action,
  outcome: row.outcome,
  input: row.input ?? undefined,
  output: row.output ?? undefined,
  before: row.before ?? undefined,
  after: row.after ?? undefined,
  error: row.error ?? undefined,
  durationMs: row.duration_ms ?? undefined,
  address: row.address ?? undefined,
})

const describeError = (error: unknown): { code: string; message: string } => ({
  code: error instanceof MillraceError ? error.code : 'INTERNAL',
  message: error instanceof Error ? error.message : String(error),
})

// `auth.` asks for a whole family; `%` and `_` in it are meant literally.
const prefixPattern = (prefix: string): string => `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

export function createAuditLog(pool: Pool, events: EventBus, logger: Logger): AuditLog {
  return {
    record: async (record) => {
      const failed = record.error !== undefined
      try {
        const { rows } = await pool.query<{ id: string }>(
          `insert into platform.audit_log (actor_kind, actor_name, actor_role, action, outcome, input, output,
             before, after, error, duration_ms, address)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
          [
            record.actor.kind,
            record.actor.name,
            record.actor.role,
            record.action,
            failed ? 'failed' : 'ok',
            ...[record.input, record.output, record.before, record.after].map(toJsonColumn),
            failed ? toJsonColumn(describeError(record.error)) : null,
            record.durationMs ?? null,
            record.address ?? null,
          ],
        )
        events.emit('audit.recorded', { action: record.action, actor: record.actor.name })
        return rows[0]?.id
      } catch (error) {
        logger.error({ err: error, entry: record }, 'an audit entry could not be stored')
        return undefined
      }
    },
    list: async ({ limit, before, action, actor }) => {
      const byPrefix = action?.endsWith('.') === true
      const { rows } = await pool.query<Row>(
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
