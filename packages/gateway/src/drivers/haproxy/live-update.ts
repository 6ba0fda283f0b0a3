import type { EngineConfig } from '../../config.ts'
import type { GatewayTable } from '../driver.ts'
import { poolSection } from './quote.ts'
import { isDynamic, serverAddress, serverParameters, serversOf, type Server } from './servers.ts'

/** A command of the runtime API, and what it answers when it did what it should. */
export interface Step {
  command: string
  expect: RegExp
}

/** What a pool's section has: servers of the table, and those that are being removed. */
export type ServersByPool = ReadonlyMap<string, ReadonlyMap<string, Server>>

const SILENCE = /^\s*$/

/** Undefined: something of it cannot change while HAProxy runs. */
function change(section: string, from: Server, to: Server): Step[] | undefined {
  if (from.secure !== to.secure || from.http2 !== to.http2 || from.errorLimit !== to.errorLimit)
    return undefined
  const name = `${section}/${to.name}`
  const steps: Step[] = []
  if (from.host !== to.host || from.port !== to.port) {
    if (!isDynamic(to)) return undefined
    const command = `set server ${name} addr ${to.host} port ${to.port}`
    steps.push({ command, expect: /IP changed|port changed|no need to change/ })
  }
  if (from.weight !== to.weight)
    steps.push({ command: `set server ${name} weight ${to.weight}`, expect: SILENCE })
  if (from.maxConnections !== to.maxConnections)
    steps.push({ command: `set maxconn server ${name} ${to.maxConnections}`, expect: SILENCE })
  if (from.state !== to.state) steps.push(setState(section, to))
  return steps
}

export const setState = (section: string, { name, state }: Pick<Server, 'name' | 'state'>): Step => ({
  command: `set server ${section}/${name} state ${state}`,
  expect: SILENCE,
})

/**
 * The steps from the servers that HAProxy has to those of a table whose sections are the same; undefined when it takes a reload.
 * New ones come first: a pool never has fewer than before or after. Those no longer wanted stay, in maintenance, for
 * `removable` to take away when nothing is in flight.
 */
export function liveSteps(
  known: ServersByPool,
  table: GatewayTable,
  config: EngineConfig,
  drained: ReadonlySet<string>,
): { steps: Step[]; servers: Map<string, Map<string, Server>> } | undefined {
  const additions: Step[] = []
  const changes: Step[] = []
  const removals: Step[] = []
  const servers = new Map<string, Map<string, Server>>()
  for (const pool of table.pools) {
    const section = poolSection(pool.name)
    const before = known.get(section)
    if (before === undefined) return undefined
    const after = new Map(serversOf(pool, config, drained).map((server) => [server.name, server]))
    for (const server of after.values()) {
      const present = before.get(server.name)
      if (present === undefined) {
        if (!isDynamic(server)) return undefined
        const command = `add server ${section}/${server.name} ${serverParameters(server, config)}`
        additions.push({ command, expect: /New server registered/ })
        additions.push({ command: `enable health ${section}/${server.name}`, expect: SILENCE })
        if (server.state !== 'maint') additions.push(setState(section, server))
      } else {
        const steps = change(section, present, server)
        if (steps === undefined) return undefined
        changes.push(...steps)
      }
    }
    for (const server of before.values()) {
      if (after.has(server.name)) continue
      const leaving: Server = { ...server, state: 'maint' }
      if (server.state !== 'maint') removals.push(setState(section, leaving))
      after.set(server.name, leaving)
    }
    servers.set(section, after)
  }
  return { steps: [...additions, ...changes, ...removals], servers }
}

const PAYLOAD_BYTES = 8_000

/** Replaces a map's whole content at once: no request sees a part of it. `version` is what `prepare map` answered. */
export function mapSteps(file: string, version: number, entries: ReadonlyMap<string, string>): Step[] {
  const steps: Step[] = []
  let payload = ''
  const flush = (): void => {
    if (payload !== '') steps.push({ command: `add map @${version} ${file} <<\n${payload}`, expect: SILENCE })
    payload = ''
  }
  for (const [key, value] of entries) {
    payload += `${key} ${value}\n`
    if (payload.length > PAYLOAD_BYTES) flush()
  }
  flush()
  steps.push({ command: `commit map @${version} ${file}`, expect: SILENCE })
  return steps
}

/** What `show servers state` must say for the servers to be as wanted; the names of those that differ. */
export function differing(
  servers: ReadonlyMap<string, ReadonlyMap<string, Server>>,
  state: string,
): string[] {
  const lines = new Map(
    state
      .split('\n')
      .map((line) => line.split(' '))
      .filter((fields) => fields.length > 20)
      .map((fields): [string, string[]] => [`${fields[1]}/${fields[3]}`, fields]),
  )
  const wrong: string[] = []
  for (const [section, entries] of servers) {
    for (const server of entries.values()) {
      const name = `${section}/${server.name}`
      const fields = lines.get(name)
      // Bits of srv_admin_state: 1 and 4 are maintenance, 8 is drain (management guide, "show servers state").
      const admin = Number(fields?.[6])
      const state = (admin & 5) !== 0 ? 'maint' : (admin & 8) !== 0 ? 'drain' : 'ready'
      const address =
        fields === undefined ? '' : serverAddress({ host: fields[4]!, port: Number(fields[18]) })
      const moved = isDynamic(server) && address !== serverAddress(server)
      if (fields === undefined || state !== server.state || moved || Number(fields[7]) !== server.weight)
        wrong.push(name)
    }
  }
  return wrong
}
