import type { Place } from '../responses.ts'
import type { Forwarded } from '../semantics/cache-status.ts'
import { isFor } from '../semantics/reuse.ts'
import type { StoredResponse } from '../stored-response.ts'
import type { Asked } from './asked.ts'

/** A response that is not for this visitor is neither confirmed on their behalf nor given to them on an error. */
export function usable(place: Place, asked: Asked): Place {
  const { response } = place
  return response === undefined || isFor(response.terms, asked.credentials)
    ? place
    : { ...place, response: undefined }
}

export function reasonOf({ response, signpost }: Place, asked: Asked): Forwarded {
  if (response === undefined) return signpost === undefined ? 'uri-miss' : 'vary-miss'
  return mayUse(response, asked) ? (asked.control?.noCache === true ? 'request' : 'stale') : 'miss'
}

const mayUse = (response: StoredResponse, asked: Asked): boolean => isFor(response.terms, asked.credentials)
