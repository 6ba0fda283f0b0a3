import { unwrap, type Capability, type Readiness, type Runtime } from '@millrace/api-client'
import { connect } from '../control/connect.ts'
import { renderTable } from '../output/table.ts'
import type { CommandContext, GlobalOptions } from './global-options.ts'

/** Prints what runs. Exit code 0 when all of it is ready and healthy, else 1. */
export async function status(options: GlobalOptions, context: CommandContext): Promise<number> {
  const { client, control, dataDir } = await connect(options, context, { timeoutMs: 10_000 })
  const [runtime, { capabilities }, readiness] = await Promise.all([
    unwrap(client.GET('/api/runtime')),
    unwrap(client.GET('/api/capabilities')),
    // Not ready is an answer, too.
    client.GET('/health/ready').then(({ data, error }) => data ?? (error as Readiness | undefined)),
  ])
  const names = new Set(capabilities.map(({ name }) => name))
  const dependencies = (readiness?.checks ?? []).filter(({ name }) => !names.has(name))
  const good =
    runtime.components.every(({ state }) => state === 'ready') &&
    capabilities.every(({ health }) => health.state === 'healthy') &&
    dependencies.every((dependency) => dependency.state === 'healthy')
  const { terminal } = context
  if (options.json === true) {
    const summary = capabilities.map(({ name, state, health }) => ({ name, state, health }))
    terminal.out(
      `${JSON.stringify({ ready: good, dataDir, ...runtime, dependencies, capabilities: summary })}\n`,
    )
    return good ? 0 : 1
  }
  const addresses = [runtime.publicUrl, ...(control.secureUrls ?? [])].map((url) => `${url}/`)
  terminal.out(
    `\n  Application  ${addresses.join(`\n${' '.repeat(15)}`)}\n  Panel        ${control.panelUrl}\n  Data         ${dataDir}\n\n`,
  )
  terminal.out(
    renderTable([
      ['COMPONENT', 'STATE', 'PID', 'UP', 'RESTARTS', ''],
      ...runtime.components.map(componentRow),
    ]),
  )
  terminal.out('\n')
  terminal.out(renderTable([['DEPENDENCY', 'STATE', 'LATENCY', ''], ...dependencies.map(dependencyRow)]))
  terminal.out('\n')
  terminal.out(renderTable([['CAPABILITY', 'HEALTH', ''], ...capabilities.map(capabilityRow)]))
  terminal.out('\n')
  return good ? 0 : 1
}

function componentRow(component: Runtime['components'][number]): string[] {
  const { id, state, pid, readySince, restarts, lastFailure, address } = component
  const up = readySince === undefined || state !== 'ready' ? '-' : duration(Date.now() - readySince)
  const note =
    lastFailure === undefined ? (address ?? '') : `last failure: ${lastFailure.reason.split('\n', 1)[0]}`
  return [id, state, String(pid ?? '-'), up, String(restarts), note]
}

const dependencyRow = ({ name, state, latencyMs, message }: Readiness['checks'][number]): string[] => [
  name,
  state,
  `${latencyMs} ms`,
  message,
]

const capabilityRow = ({ name, health, state }: Capability): string[] => [
  name,
  state === 'failed' ? 'failed' : health.state,
  health.message,
]

/** Two units at most: `3 d 4 h`, `12 min`, `8 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}
