import { parseHttpDate } from './dates.ts'
import { field, type Fields } from './fields.ts'
import { sameStrongEtag, type Validators } from './conditions.ts'

export type RangeAnswer =
  /** The whole response: no range, one that cannot be read, or several, which a server may refuse to serve. */
  { kind: 'whole' } | { kind: 'part'; start: number; end: number } | { kind: 'unsatisfiable' }

const WHOLE: RangeAnswer = { kind: 'whole' }
const BYTES = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)$/i

/** Which part of `length` bytes a request asks for (RFC 9110, sections 14.1 and 14.2); `end` is exclusive. */
export function rangeOf(request: Fields, validators: Validators, length: number, now: number): RangeAnswer {
  const header = field(request, 'range')
  if (header === undefined || !conditionHolds(field(request, 'if-range'), validators, now)) return WHOLE
  const [, first = '', last = ''] = BYTES.exec(header.trim()) ?? []
  if (first === '' && last === '') return WHOLE
  if (first === '') {
    const suffix = Math.min(Number(last), length)
    return suffix === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', start: length - suffix, end: length }
  }
  const start = Number(first)
  const end = last === '' ? length : Math.min(Number(last) + 1, length)
  if (last !== '' && Number(last) < start) return WHOLE
  return start >= length ? { kind: 'unsatisfiable' } : { kind: 'part', start, end }
}

/** `If-Range`: the part is only of use if the visitor's other parts are of the same representation. */
function conditionHolds(header: string | undefined, validators: Validators, now: number): boolean {
  if (header === undefined) return true
  if (header.includes('"'))
    return validators.etag !== undefined && sameStrongEtag(header.trim(), validators.etag)
  const date = parseHttpDate(header, now)
  return date !== undefined && date === validators.lastModified
}
