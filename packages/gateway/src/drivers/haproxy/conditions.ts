import type { GatewayTable, HeaderMatch, RouteEntry } from '../driver.ts'
import { luaBytes, luaList, luaSet, luaString, luaTable } from './lua-text.ts'
import { automatonOf } from './pattern-automaton.ts'

type Wanted = Pick<RouteEntry, 'methods' | 'headers' | 'countries'>

export const isConditional = ({ methods, headers = [], countries }: Wanted): boolean =>
  methods !== undefined || headers.length > 0 || countries !== undefined

/** As the router of the engine `node` counts them: the route with more is asked first. */
export const weightOf = ({ methods, headers = [], countries }: Wanted): number =>
  headers.length + (methods === undefined ? 0 : 1) + (countries === undefined ? 0 : 1)

const keyOf = ({ methods, headers, countries }: Wanted): string =>
  JSON.stringify([methods, headers, countries])

/** What routes want beside host and path, once each, in an order that does not depend on the routes'. */
export function conditionsOf({ routes }: GatewayTable): Map<string, Wanted> {
  const found = routes.filter(isConditional).map((route): [string, Wanted] => [keyOf(route), route])
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Numbers as the script has them; of a route without conditions 0. */
export function conditionNumbers(table: GatewayTable): (route: RouteEntry) => number {
  const keys = new Map([...conditionsOf(table).keys()].map((key, index) => [key, index + 1]))
  return (route) => (isConditional(route) ? keys.get(keyOf(route))! : 0)
}

/** Of values that Node would have read as Latin-1; undefined: none can be equal. */
const latin1 = (value: string): Uint8Array | undefined =>
  !/[\u0100-\uffff]/.test(value) ? Buffer.from(value, 'latin1') : undefined

function luaHeader({ name, value, pattern }: HeaderMatch): string {
  const bytes = value === undefined ? undefined : latin1(value)
  return luaTable({
    name: luaString(name.toLowerCase()),
    value: bytes === undefined ? undefined : luaBytes(bytes),
    never: value !== undefined && bytes === undefined ? 'true' : undefined,
    pattern: pattern === undefined ? undefined : luaPattern(pattern),
  })
}

function luaPattern(pattern: string): string {
  const { classes, next, accepting } = automatonOf(pattern)
  return luaTable({
    classes: luaList(classes.map((number) => `${number + 1}`)),
    next: luaList(next.map((row) => luaList(row.map((state) => `${state + 1}`)))),
    accepting: luaList(accepting.map(String)),
  })
}

/** The conditions for the script. Throws for patterns that `checkConditions` names. */
export const luaConditions = (table: GatewayTable): string =>
  luaList(
    [...conditionsOf(table).values()].map(({ methods, headers = [], countries }) =>
      luaTable({
        methods: methods === undefined ? undefined : luaSet(methods),
        headers: luaList(headers.map(luaHeader)),
        countries: countries === undefined ? undefined : luaSet(countries),
      }),
    ),
  )

/** What of a route's conditions this engine cannot have; RE2 itself is looked at elsewhere. */
export function conditionProblems({ headers = [], countries }: RouteEntry, database: boolean): string[] {
  const problems: string[] = []
  if (countries !== undefined && database)
    problems.push(
      `'countries' by a database (gateway.geography.database) is not a feature of the engine 'haproxy'; by a header they are`,
    )
  for (const { name, pattern } of headers) {
    if (pattern === undefined) continue
    try {
      automatonOf(pattern)
    } catch (error) {
      problems.push(
        `'headers': the pattern '${pattern}' of '${name}' is not a feature of the engine 'haproxy': ${(error as Error).message}`,
      )
    }
  }
  return problems
}
