import { MillraceError, type Actor } from '@millrace/core'
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

export interface AuditRow {
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

export const toEntry = (row: AuditRow): AuditEntry => ({
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

/** The values of one row, in the order of the statement; made at once, because what they are read from may change. */
export const toRow = (record: AuditRecord, at: number): unknown[] => [
  new Date(at),
  record.actor.kind,
  record.actor.name,
  record.actor.role,
  record.action,
  record.error === undefined ? 'ok' : 'failed',
  ...[record.input, record.output, record.before, record.after].map(toJsonColumn),
  record.error === undefined ? null : toJsonColumn(describeError(record.error)),
  record.durationMs ?? null,
  record.address ?? null,
]
