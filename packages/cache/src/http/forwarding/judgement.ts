import { responseControl } from '../semantics/cache-control.ts'
import { validatorsOf } from '../semantics/conditions.ts'
import { field, fieldsOf, isEventStream } from '../semantics/fields.ts'
import { initialAgeMs, lifetimeOf, type Exchanged } from '../semantics/freshness.ts'
import { termsOf } from '../semantics/reuse.ts'
import { storedFields } from '../semantics/stored-fields.ts'
import { whyNotStored, type NotStored, type RequestCredentials } from '../semantics/storing.ts'
import { SURROGATE_KEY_FIELDS, surrogateKeys } from '../semantics/surrogate-keys.ts'
import { varyNames } from '../semantics/vary.ts'
import { softTag, SOFT_ALL } from '../soft-tags.ts'
import type { StoredResponseParts } from '../stored-response.ts'
import type { HttpCacheSettings } from './options.ts'

export interface Storable {
  vary: readonly string[]
  /** From now on: fresh, and after that as long as it is of use. */
  keepMs: number
  parts: Omit<StoredResponseParts, 'body'>
}

export interface Judged {
  status: number
  rawHeaders: readonly string[]
  credentials: RequestCredentials
  exchanged: Exchanged
  /** Monotonic, the same moment as `exchanged.respondedAt`. */
  now: number
  /** Of the address. */
  tags: readonly string[]
}

/** What a response of the origin means for the cache: stored like that, or why not. */
export function judge(
  response: Judged,
  settings: HttpCacheSettings,
): Storable | NotStored | 'useless' | 'keys' | 'endless' {
  const { status, rawHeaders, credentials, exchanged, now } = response
  const fields = fieldsOf(rawHeaders)
  const dropSetCookie = settings.setCookie === 'strip'
  const directives = responseControl(fields, settings.targets)
  const { control } = directives
  const refused = whyNotStored(status, fields, control, credentials, { dropSetCookie })
  if (refused !== undefined) return refused
  // Whoever waited for its end would wait in vain.
  if (isEventStream(field(fields, 'content-type'))) return 'endless'
  const keys = surrogateKeys(fields)
  if (keys === undefined) return 'keys'
  const { respondedAt } = exchanged
  const lifetime = lifetimeOf(status, fields, directives, respondedAt, settings)
  const terms = termsOf(control, lifetime.ms, {
    whileRevalidateMs: settings.staleWhileRevalidateMs,
    ifErrorMs: settings.staleIfErrorMs,
  })
  const ageMs = initialAgeMs(fields, exchanged)
  const validators = validatorsOf(fields, respondedAt)
  const canBeConfirmed = validators.etag !== undefined || validators.lastModified !== undefined
  const freshMs = terms.lifetimeMs - ageMs
  const staleMs = Math.max(terms.whileRevalidateMs, terms.ifErrorMs, canBeConfirmed ? settings.keepMs : 0)
  if (freshMs + staleMs <= 0 || (!canBeConfirmed && terms.mustValidate)) return 'useless'
  const withheld = settings.surrogateKeys === 'remove' ? SURROGATE_KEY_FIELDS : []
  const tags = [...new Set([...response.tags, ...keys])]
  return {
    vary: varyNames(fields) ?? [],
    keepMs: Math.max(1, freshMs + staleMs),
    parts: {
      status,
      rawHeaders: storedFields(rawHeaders, fields, {
        withheld: [...control.withheld, ...withheld],
        dropSetCookie,
      }),
      bornAt: now - ageMs,
      initialAgeMs: ageMs,
      terms,
      validators,
      tags,
      softTags: [SOFT_ALL, ...tags.map(softTag)],
    },
  }
}
