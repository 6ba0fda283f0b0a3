import type { RouteEntry, Split } from '../drivers/driver.ts'

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const MAX_PARTS = 20

/** What is wrong with the splits of routes. Several routes may have one of the same name if its parts are the same. */
export function checkSplits(routes: readonly RouteEntry[]): string[] {
  const problems = new Set<string>()
  const known = new Map<string, string>()
  for (const { pool, split } of routes) {
    if (split === undefined) continue
    for (const problem of checkSplit(split, pool)) problems.add(`split '${split.name}': ${problem}`)
    const shape = JSON.stringify([pool, split.kind, split.cookie ?? null, split.parts])
    const other = known.get(split.name)
    if (other !== undefined && other !== shape)
      problems.add(`split '${split.name}' is there twice with different parts`)
    known.set(split.name, shape)
  }
  return [...problems]
}

function checkSplit({ name, kind, parts }: Split, pool: string): string[] {
  const problems: string[] = []
  if (!NAME.test(name)) problems.push('its name must be lower-case letters, digits and hyphens, 63 at most')
  if (parts.length < 2 || parts.length > MAX_PARTS)
    problems.push(`parts: ${parts.length} is not 2–${MAX_PARTS}`)
  if (kind === 'canary' && parts.length !== 2)
    problems.push('parts: a canary has two, the stable one and its own')
  const pools = parts.map((part) => part.pool)
  if (new Set(pools).size < pools.length) problems.push('parts: a pool is there twice')
  if (!pools.includes(pool)) problems.push(`parts: the route’s own pool '${pool}' must be one of them`)
  for (const { pool: part, share } of parts) {
    if (!(share >= 0 && share <= 100) || Math.abs(share * 100 - Math.round(share * 100)) > 1e-6)
      problems.push(
        `parts: the share ${share} of '${part}' is not a percentage from 0 to 100 in steps of 0.01`,
      )
  }
  const sum = parts.reduce((total, { share }) => total + share, 0)
  if (Math.abs(sum - 100) > 1e-6)
    problems.push(`parts: the shares add up to ${Math.round(sum * 100) / 100}, not 100`)
  if (kind === 'blue-green' && parts.filter(({ share }) => share > 0).length > 1)
    problems.push('parts: in blue-green one part has 100 and the others 0')
  return problems
}
