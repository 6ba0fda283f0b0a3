import { compileSplit } from '../../splitting/split.ts'
import type { GatewayTable } from '../driver.ts'
import { poolSection } from './quote.ts'

/**
 * What HAProxy's script knows of splits, by name: kind, cookie or `-`, the stable part, and for each part the first place that is
 * not in it any more. Shares change with this map, while HAProxy runs.
 */
export function splitsMap({ routes }: GatewayTable): Map<string, string> {
  const found = new Map<string, string>()
  for (const route of routes) {
    if (route.split === undefined || found.has(route.split.name)) continue
    const { kind, cookie, parts, stable, name } = compileSplit(route, route.split, poolSection)
    const borders = parts.map(({ target, upTo }) => `|${target}>${upTo}`).join('')
    found.set(name, `${kind};${cookie ?? '-'};${stable.target};${borders}`)
  }
  return found
}
