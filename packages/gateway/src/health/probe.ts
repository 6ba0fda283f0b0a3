import { connect } from 'node:net'
import { request } from 'undici'
import type { BackendEntry } from '../drivers/driver.ts'

export interface ProbeResult {
  healthy: boolean
  /** `200`, `connected`, or what went wrong. */
  message: string
  latencyMs: number
}

export interface ProbeSettings {
  /** GET of this path must answer below 500. Undefined: a TCP connection is enough. */
  path: string | undefined
  timeoutMs: number
}

/** Asks one backend once. Never rejects. */
export async function probe(backend: BackendEntry, settings: ProbeSettings): Promise<ProbeResult> {
  const startedAt = performance.now()
  try {
    const message =
      settings.path === undefined
        ? await connects(backend, settings.timeoutMs)
        : await answers(backend, settings.path, settings.timeoutMs)
    return { healthy: true, message, latencyMs: performance.now() - startedAt }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { healthy: false, message, latencyMs: performance.now() - startedAt }
  }
}

async function answers(backend: BackendEntry, path: string, timeoutMs: number): Promise<string> {
  const host = backend.host.includes(':') ? `[${backend.host}]` : backend.host
  const signal = AbortSignal.timeout(timeoutMs)
  const { statusCode, body } = await request(
    `${backend.protocol ?? 'http'}://${host}:${backend.port}${path}`,
    {
      headers: { 'user-agent': 'millrace-health', connection: 'close' },
      reset: true,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    },
  ).catch((error: unknown) => {
    throw signal.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error
  })
  await body.dump({ limit: 65_536, signal }).catch(() => undefined)
  if (statusCode >= 500) throw new Error(`${path} answered ${statusCode}`)
  return String(statusCode)
}

function connects(backend: BackendEntry, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: backend.host, port: backend.port })
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)))
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.once('error', reject)
  })
}
