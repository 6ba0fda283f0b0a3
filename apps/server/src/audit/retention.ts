import type { Clock, JobQueue, Logger } from '@millrace/core'
import type { IncidentStore } from '../incidents/incident-store.ts'
import type { AuditLog } from './audit-log.ts'

export const RETENTION_JOB = 'server.remove-old-history'
/** Once a night (UTC), at a minute that nobody else is likely to have chosen. */
const SCHEDULE = '23 3 * * *'
const DAY_MS = 86_400_000

/** Audit entries and closed incidents are kept for `server.historyDays`; a job removes what is older. */
export async function scheduleRetention(options: {
  jobs: JobQueue
  audit: AuditLog
  incidents: IncidentStore
  historyDays(): number
  clock: Clock
  logger: Logger
}): Promise<void> {
  const { jobs, audit, incidents, clock, logger } = options
  await jobs.handle(RETENTION_JOB, async (_data, { signal }) => {
    const before = clock.now() - options.historyDays() * DAY_MS
    const auditEntries = await audit.removeBefore(before, signal)
    const closedIncidents = await incidents.removeClosedBefore(before)
    logger.info({ auditEntries, closedIncidents, before: new Date(before) }, 'old history was removed')
    return { auditEntries, closedIncidents }
  })
  await jobs.schedule(RETENTION_JOB, SCHEDULE)
}
