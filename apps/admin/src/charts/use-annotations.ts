import { useMemo } from 'react'
import type { AuditEntry, Incident } from '@millrace/api-client'
import { useAudit, useIncidents } from '../api/queries.ts'
import { mergeAnnotations, type Annotation } from './annotations.ts'

/** Words of an action's name that make it worth a line on every chart. */
const KINDS: readonly [RegExp, Annotation['kind']][] = [
  [/\bscale\b/, 'scale'],
  [/\b(restart|stop-instance)\b/, 'restart'],
  [/\b(purge|clear|invalidate)/, 'purge'],
  [/^settings\./, 'config'],
  [/\bdeploy/, 'deploy'],
]

export function annotationOfAudit(entry: AuditEntry): Annotation | undefined {
  const kind = KINDS.find(([pattern]) => pattern.test(entry.action))?.[1]
  if (kind === undefined || entry.outcome !== 'ok') return undefined
  // Looking at what would happen is recorded, too, and nothing happened.
  if (isPreview(entry.input)) return undefined
  const input = typeof entry.input === 'object' && entry.input !== null ? Object.values(entry.input) : []
  const subject = input.filter((value) => typeof value === 'string' || typeof value === 'number').join(' ')
  return {
    at: entry.at,
    kind,
    text: `${entry.action}${subject === '' ? '' : ` ${subject}`} by ${entry.actor.name}`,
  }
}

const isPreview = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && 'preview' in input && input.preview === true

export const annotationOfIncident = (incident: Incident): Annotation => ({
  at: incident.openedAt,
  kind: 'failure',
  text: incident.title,
})

/** What happened, from the audit log and the incidents, for the lines on the charts. */
export function useAnnotations(): Annotation[] {
  const audit = useAudit().data
  const incidents = useIncidents().data
  return useMemo(
    () =>
      mergeAnnotations([
        (audit ?? []).flatMap((entry) => annotationOfAudit(entry) ?? []),
        (incidents ?? []).map(annotationOfIncident),
      ]),
    [audit, incidents],
  )
}
