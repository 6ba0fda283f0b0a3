import type { HttpCacheAnswer, HttpCacheFetch, HttpCacheStatus } from '@millrace/core'
import { isNotModified } from '../semantics/conditions.ts'
import { rangeOf } from '../semantics/range.ts'
import { withoutContentFields } from '../semantics/stored-fields.ts'
import type { HitLabel, StoredResponse } from '../stored-response.ts'
import type { Asked } from './asked.ts'

/** What a visitor is given of a stored response that may be used. `now`: wall clock, for dates without a century. */
export function answerFrom(
  stored: StoredResponse,
  asked: Asked,
  {
    ageMs,
    label,
    cacheStatus,
    now,
  }: { ageMs: number; label: HitLabel; cacheStatus: HttpCacheStatus; now: number },
): HttpCacheAnswer {
  const { status } = stored
  const rawHeaders = stored.hitHeaders(ageMs, label)
  if (asked.conditional && status === 200) {
    if (isNotModified(asked.fields(), stored.validators, now)) {
      return answer(cacheStatus, 304, withoutContentFields(rawHeaders), undefined)
    }
    const range = asked.head
      ? undefined
      : rangeOf(asked.fields(), stored.validators, stored.body.byteLength, now)
    if (range?.kind === 'part') {
      const { start, end } = range
      const part = stored.body.subarray(start, end)
      const of = `bytes ${start}-${end - 1}/${stored.body.byteLength}`
      return answer(cacheStatus, 206, inPart(rawHeaders, of, part.byteLength), part)
    }
    if (range?.kind === 'unsatisfiable') {
      const fields = withoutContentFields(rawHeaders)
      fields.push('content-range', `bytes */${stored.body.byteLength}`, 'content-length', '0')
      return answer(cacheStatus, 416, fields, EMPTY)
    }
  }
  const hasBody = !asked.head && status !== 204 && status !== 304
  return answer(cacheStatus, status, rawHeaders, hasBody ? stored.body : undefined)
}

const EMPTY = Buffer.alloc(0)

function inPart(rawHeaders: readonly string[], contentRange: string, length: number): string[] {
  const fields: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (name !== 'content-length' && name !== 'content-range') fields.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  fields.push('content-range', contentRange, 'content-length', String(length))
  return fields
}

/** The visitor wanted a stored response or none (`only-if-cached`, RFC 9111, section 5.2.1.7). */
export const notCached = (cacheStatusField: string): HttpCacheAnswer =>
  answer('miss', 504, ['content-length', '0', 'cache-status', cacheStatusField], EMPTY)

const answer = (
  cacheStatus: HttpCacheStatus,
  status: number,
  rawHeaders: readonly string[],
  body: Buffer | undefined,
): HttpCacheAnswer => ({ kind: 'answer', cacheStatus, status, rawHeaders, body, renewal: undefined })

export const withRenewal = (from: HttpCacheAnswer, renewal: HttpCacheFetch | undefined): HttpCacheAnswer =>
  renewal === undefined ? from : { ...from, renewal }
