import type { BackendEntry } from '../drivers/driver.ts'
import { checkGrpc } from './check-grpc.ts'
import { checkHttp } from './check-http.ts'
import { checkScript } from './check-script.ts'
import { checkTcp } from './check-tcp.ts'
import { kindOf, type CheckKind, type ProbeSettings } from './health-settings.ts'

export interface ProbeResult {
  healthy: boolean
  /** `200`, `connected`, `SERVING`, or what went wrong. */
  message: string
  latencyMs: number
}

/** Resolves with what was seen, in words; rejects with why the backend cannot take requests. */
type Check = (backend: BackendEntry, settings: ProbeSettings, signal?: AbortSignal) => Promise<string>

const CHECKS: Record<CheckKind, Check> = {
  http: checkHttp,
  tcp: checkTcp,
  grpc: checkGrpc,
  script: checkScript,
}

/** What a backend or a script says of itself is shown on screens: no more than this. */
const MESSAGE_LENGTH = 300

/** Asks one backend once. Never rejects. */
export async function probe(
  backend: BackendEntry,
  settings: ProbeSettings,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const startedAt = performance.now()
  const result = (healthy: boolean, message: string): ProbeResult => ({
    healthy,
    message: message.slice(0, MESSAGE_LENGTH),
    latencyMs: performance.now() - startedAt,
  })
  try {
    return result(true, await CHECKS[kindOf(settings)](backend, settings, signal))
  } catch (error) {
    return result(false, reasonOf(error))
  }
}

/** Of several addresses that were tried, Node reports an error without a message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : []
  return first instanceof Error ? first.message : error.name
}
