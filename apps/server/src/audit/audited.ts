import type { Clock } from '@millrace/core'
import type { AuditLog } from './audit-log.ts'
import type { AuditRecord } from './audit-row.ts'

export interface AuditedOutcome<Result> {
  result: Result
  durationMs: number
  /** Absent while the entry waits for the database. */
  auditId?: string
}

/** Makes a change and records how it went, either way; `describe` says what the entry tells of a success. */
export async function audited<Result>(
  { audit, clock }: { audit: AuditLog; clock: Clock },
  record: AuditRecord,
  change: () => Promise<Result>,
  describe: (result: Result) => Partial<AuditRecord> | Promise<Partial<AuditRecord>>,
): Promise<AuditedOutcome<Result>> {
  const startedAt = clock.monotonic()
  let result: Result
  try {
    result = await change()
  } catch (error) {
    await audit.record({ ...record, error, durationMs: clock.monotonic() - startedAt })
    throw error
  }
  const durationMs = clock.monotonic() - startedAt
  const auditId = await audit.record({ ...record, ...(await describe(result)), durationMs })
  return { result, durationMs, ...(auditId === undefined ? {} : { auditId }) }
}
