import type { GatewayTable } from '../drivers/driver.ts'
import { splitCookie } from '../splitting/cookie.ts'

/**
 * Names of the cookies that the gateway gives visitors by this table: sessions and places in splits. Visitors send them with
 * every request, also with those that go to other applications; none of these is to see them, and no cache is to take a
 * visitor for a known one because of them. Undefined: there are none.
 */
export function ownCookies({ routes, pools }: GatewayTable): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const { sticky } of pools) if (sticky?.kind === 'cookie') names.add(sticky.cookieName)
  for (const { split } of routes) {
    const name = split && splitCookie(split)
    if (name !== undefined) names.add(name)
  }
  return names.size === 0 ? undefined : names
}
