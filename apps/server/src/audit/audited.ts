import type { Clock } from '@millrace/core'
import type { AuditLog } from './audit-log.ts'
import type { AuditRecord } from './audit-row.ts'

export interface AuditedOutcome<Result> {
  result: Result
  durationMs: number
  /** Absent while the entry waits for the database. */
  auditId?: string
}

const unknownDescription = (error: unknown): Partial<AuditRecord> => ({
  output: { unreadable: error instanceof Error ? error.message : String(error) },
})

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
    // Whatever was thrown, if only `undefined`: an entry without an error would say that all went well.
    const reason = error ?? new Error('it failed without a reason')
    await audit.record({ ...record, error: reason, durationMs: clock.monotonic() - startedAt })
    throw reason
  }
  const durationMs = clock.monotonic() - startedAt
  // The change has happened: that it cannot be described must not keep it out of the log.
  const description = await Promise.resolve(result).then(describe).catch(unknownDescription)
  const auditId = await audit.record({ ...record, ...description, durationMs })
  return { result, durationMs, ...(auditId === undefined ? {} : { auditId }) }
}
