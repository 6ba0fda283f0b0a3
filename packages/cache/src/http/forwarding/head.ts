import { field, fieldsOf } from '../semantics/fields.ts'
import { updatedFields } from '../semantics/stored-fields.ts'
import { StoredResponse } from '../stored-response.ts'
import type { Asked } from './asked.ts'
import { judge } from './judgement.ts'
import type { Place } from '../responses.ts'
import type { Service } from './service.ts'

/**
 * What the origin's answer to a HEAD says of the stored response to GET (RFC 9111, section 4.3.5): its fields and its
 * freshness are renewed while it is recognisably the same one, else it counts as stale.
 */
export function headUpdate(
  service: Service,
  asked: Asked,
  place: Place,
  status: number,
  rawHeaders: readonly string[],
): void {
  const { clock, responses, settings } = service
  const stored = place.response!
  // Purged or replaced while the HEAD was under way: what it says is of something that is gone.
  if (status !== 200 || stored.status !== 200 || responses.find(asked).response !== stored) return
  const fields = fieldsOf(rawHeaders)
  const known = fieldsOf(stored.rawHeaders)
  const length = field(fields, 'content-length')
  const same =
    ['etag', 'last-modified'].every((name) => fields[name] === undefined || fields[name] === known[name]) &&
    (length === undefined || Number(length) === stored.body.byteLength)
  if (!same) {
    stored.softVersion = -1
    return
  }
  // Purged softly: the origin has to send or confirm the page itself.
  if (responses.running(place) !== undefined || !responses.isCurrent(stored)) return
  const now = clock.now()
  const judged = judge(
    {
      status: stored.status,
      rawHeaders: updatedFields(stored.rawHeaders, rawHeaders),
      credentials: asked.credentials,
      exchanged: { requestedAt: now, respondedAt: now },
      now: clock.monotonic(),
      tags: stored.tags,
    },
    settings,
  )
  if (typeof judged === 'string') return
  const flight = responses.depart(place, stored.tags)
  const response = new StoredResponse({ ...judged.parts, body: stored.body })
  const { vary, keepMs } = judged
  responses.store(place, flight, asked, { response, vary, keepMs, version: stored.sharedVersion })
  responses.land(place, flight)
}
