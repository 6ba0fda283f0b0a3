import { expect, it } from 'vitest'
import type { RouteEntry } from '../../src/drivers/driver.ts'
import { RouteLimits } from '../../src/limits/route-limits.ts'
import type { RequestHeaders } from '../../src/proxy/request-headers.ts'
import type { VisitorRequest } from '../../src/proxy/visitor.ts'

it('clients are told apart by all of a long header, and a missing one is no client of its own', () => {
  const rateLimit = { perSecond: 1, burst: 1, by: 'header:authorization' as const }
  const route: RouteEntry = { prefix: '/', pool: 'app', rateLimit }
  const limits = new RouteLimits({ trusted: () => false }, 1)
  limits.update({ routes: [route], pools: [] })
  const take = (authorization: string | undefined): boolean => {
    const req = {
      headers: { authorization },
      socket: { remoteAddress: '203.0.113.9' },
    } as unknown as VisitorRequest
    return limits.take(route, rateLimit, req, {} as RequestHeaders).allowed
  }
  // Tokens of one issuer begin alike.
  const token = (user: string): string => `Bearer ${'x'.repeat(400)}${user}`
  expect([token('ann'), token('bob'), token('ann'), 'short', 'short'].map(take)).toEqual([
    true,
    true,
    false,
    true,
    false,
  ])
  expect([undefined, '', undefined].map(take)).toEqual([true, false, false])
})

it('a header that every object has is not there unless it was sent', () => {
  const rateLimit = { perSecond: 1, burst: 1, by: 'header:constructor' as const }
  const route: RouteEntry = { prefix: '/', pool: 'app', rateLimit }
  const limits = new RouteLimits({ trusted: () => false }, 1)
  limits.update({ routes: [route], pools: [] })
  const req = { headers: {}, socket: { remoteAddress: '203.0.113.9' } } as unknown as VisitorRequest
  expect(limits.take(route, rateLimit, req, {} as RequestHeaders).allowed).toBe(true)
  expect(limits.take(route, rateLimit, req, {} as RequestHeaders).allowed).toBe(false)
})
