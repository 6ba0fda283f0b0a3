import { request } from 'node:http'
import { connect } from 'node:net'
import type { Clock } from '../clock/clock.ts'

/**
 * How a process tells that it serves. `tcp` and `http` try 127.0.0.1 and then ::1, because `listen(port, 'localhost')`
 * binds only one of them and which one depends on the machine.
 */
export type Readiness =
  | { kind: 'spawned' }
  | { kind: 'message'; accept: (message: unknown) => boolean }
  | { kind: 'tcp'; port: number; hosts?: readonly string[] }
  | { kind: 'http'; port: number; path: string; hosts?: readonly string[] }
  /** Asked again until it resolves with true; a rejection counts as not yet. */
  | { kind: 'probe'; check: (signal: AbortSignal) => Promise<boolean> }

const LOOPBACK = ['127.0.0.1', '::1']
const FIRST_POLL_MS = 25
const MAX_POLL_MS = 250
const ATTEMPT_TIMEOUT_MS = 2_000

/** Tries to connect once. */
export function acceptsConnections(
  host: string,
  port: number,
  timeoutMs = ATTEMPT_TIMEOUT_MS,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const finish = (accepted: boolean): void => {
      socket.destroy()
      resolve(accepted)
    }
    socket.setTimeout(timeoutMs, () => finish(false))
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
  })
}

/** One GET; true when the status is below 500. */
export function answersHttp(
  host: string,
  port: number,
  path: string,
  timeoutMs = ATTEMPT_TIMEOUT_MS,
): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ host, port, path, timeout: timeoutMs, agent: false }, (response) => {
      resolve((response.statusCode ?? 500) < 500)
      // Whatever else it says, possibly for ever, is not waited for.
      call.destroy()
    })
    call.once('timeout', () => call.destroy(new Error('timeout')))
    call.once('error', () => resolve(false))
    call.end()
  })
}

/**
 * Polls until the process answers; resolves with the host that did, if there is one to tell. Rejects with the signal's
 * reason. `message` readiness is not polled: the caller listens.
 */
export async function pollReadiness(
  readiness: Exclude<Readiness, { kind: 'message' }>,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (readiness.kind === 'spawned') return undefined
  let pauseMs = FIRST_POLL_MS
  for (;;) {
    signal.throwIfAborted()
    if (readiness.kind === 'probe') {
      if (await readiness.check(signal).catch(() => false)) return undefined
    } else {
      for (const host of readiness.hosts ?? LOOPBACK) {
        const answered =
          readiness.kind === 'tcp'
            ? await acceptsConnections(host, readiness.port)
            : await answersHttp(host, readiness.port, readiness.path)
        if (answered) return host
      }
    }
    await clock.sleep(pauseMs, signal)
    pauseMs = Math.min(MAX_POLL_MS, pauseMs * 1.5)
  }
}
