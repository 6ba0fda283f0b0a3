import type { HttpCache, HttpCacheAnswer, HttpCacheFetch, HttpCacheLookup } from '@millrace/core'
import { silentLogger } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import { onTestFinished } from 'vitest'
import type { SharedStore } from '../../../src/drivers/driver.ts'
import { openHttpCache } from '../../../src/http-cache.ts'
import { fieldsOf, type Fields } from '../../../src/http/semantics/fields.ts'

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export interface OriginRequest {
  method: string
  target: string
  fields: Fields
  /** How many requests reached the origin, this one included. */
  count: number
}

export interface OriginAnswer {
  status?: number
  headers?: Headers
  body?: string
  /** The connection ends instead of an answer, or in the middle of the body. */
  dies?: 'before' | 'within'
}

export interface Visit {
  status: number
  fields: Fields
  body: string
  /** Of the lookup: what the cache made of the request. */
  from: 'cache' | 'origin'
}

export interface VisitOptions {
  method?: string
  headers?: Headers
  scheme?: string
  host?: string
}

export interface Proxied {
  cache: HttpCache
  clock: FakeClock
  visit: (target: string, options?: VisitOptions) => Promise<Visit>
  /** Requests that reached the origin. */
  calls: () => number
  /** Background renewals that are not over. */
  renewals: () => Promise<void>
}

const raw = (headers: Headers = {}): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((line) => [name, line]),
  )

/** What the gateway does with a cache, without sockets, on a clock that stands still. */
export async function proxy(
  origin: (request: OriginRequest) => OriginAnswer | Promise<OriginAnswer>,
  options: unknown = {},
  { clock = fakeClock(), shared }: { clock?: FakeClock; shared?: SharedStore } = {},
): Promise<Proxied> {
  const registry = new MetricRegistry()
  const context = { instance: 'test', logger: silentLogger, registry, clock, ...(shared && { shared }) }
  const cache = await openHttpCache(options, context)
  onTestFinished(() => cache.close())
  let calls = 0
  let renewing: Promise<unknown>[] = []

  const ask = async (rawHeaders: readonly string[], method: string, target: string) => {
    const answer = await origin({ method, target, fields: fieldsOf(rawHeaders), count: ++calls })
    const headers = { date: new Date(clock.now()).toUTCString(), ...answer.headers }
    return { ...answer, status: answer.status ?? 200, rawHeaders: raw(headers) }
  }
  const shown = (answer: HttpCacheAnswer): Visit => ({
    status: answer.status,
    fields: fieldsOf(answer.rawHeaders),
    body: answer.body?.toString() ?? '',
    from: 'cache',
  })
  const fetched = async (fetch: HttpCacheFetch, method: string, target: string): Promise<Visit> => {
    const answer = await ask(fetch.rawHeaders, method, target)
    if (answer.dies === 'before') {
      const stale = fetch.fail()
      return stale === undefined ? { status: 502, fields: {}, body: '', from: 'origin' } : shown(stale)
    }
    const decision = fetch.responded(answer.status, answer.rawHeaders)
    if (decision.kind === 'answer') return shown(decision)
    const body = answer.status === 304 || answer.status === 204 ? '' : (answer.body ?? '')
    if (decision.kind === 'record') {
      fetch.write(Buffer.from(body.slice(0, 3)))
      if (answer.dies === 'within') fetch.fail()
      else {
        if (body.length > 3) fetch.write(Buffer.from(body.slice(3)))
        fetch.end()
      }
    } else fetch.fail()
    const kept = { ...fieldsOf([...answer.rawHeaders, ...decision.addHeaders]) }
    for (const name of decision.dropHeaders ?? []) delete kept[name]
    return { status: answer.status, fields: kept, body, from: 'origin' }
  }
  const visit: Proxied['visit'] = async (
    target,
    { method = 'GET', headers, scheme = 'https', host = 'shop.example' } = {},
  ) => {
    const rawHeaders = raw(headers)
    const lookup: HttpCacheLookup = await cache.lookup({ method, scheme, host, target, rawHeaders })
    if (lookup.kind === 'answer') {
      if (lookup.renewal !== undefined) renewing.push(fetched(lookup.renewal, 'GET', target))
      return shown(lookup)
    }
    if (lookup.kind === 'fetch') return fetched(lookup, method, target)
    const answer = await ask(rawHeaders, method, target)
    lookup.responded(answer.status, answer.rawHeaders)
    return {
      status: answer.status,
      fields: fieldsOf(answer.rawHeaders),
      body: method === 'HEAD' ? '' : (answer.body ?? ''),
      from: 'origin',
    }
  }
  const renewals = async (): Promise<void> => {
    await Promise.all(renewing)
    renewing = []
  }
  return { cache, clock, visit, calls: () => calls, renewals }
}

/** An origin that numbers its answers and always says the same in their fields. */
export const numbered =
  (headers: Headers, status = 200) =>
  ({ count }: OriginRequest): OriginAnswer => ({ status, headers, body: `body ${count}` })
