import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import type { TelemetryTarget } from '../host/host.ts'

export interface SendResult {
  /** Undefined: no answer. */
  status?: number
  reason: string
}

export interface TelemetrySender {
  /** Never rejects. */
  send(body: string): Promise<SendResult>
  close(): void
}

/** Requests carry this, so that the agent does not measure its own telemetry. */
export const TELEMETRY_USER_AGENT = 'millrace-telemetry'

/**
 * POSTs to `<url>/v1/metrics` on a connection that is kept alive but never keeps the process alive.
 * Plain http only: the receiver is the control plane on this machine.
 */
export function postTelemetry(target: TelemetryTarget, timeoutMs: number): TelemetrySender {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 })
  const address = parse(target.url)
  const send = (body: string): Promise<SendResult> =>
    new Promise((resolve) => {
      if (address === undefined) {
        resolve({ reason: 'the telemetry address is not an http URL' })
        return
      }
      const options: RequestOptions = {
        ...address,
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${target.token}`,
          'user-agent': TELEMETRY_USER_AGENT,
        },
      }
      const request = httpRequest(options, (response) => {
        response.resume()
        const status = response.statusCode ?? 0
        response.once('end', () => settle({ status, reason: `HTTP ${status}` }))
        response.once('error', (error) => settle({ reason: error.message }))
      })
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      )
      timer.unref()
      const settle = (result: SendResult): void => {
        clearTimeout(timer)
        resolve(result)
      }
      // A reused socket is referenced again by the agent, hence at every request.
      request.once('socket', (socket) => socket.unref())
      request.once('error', (error) => settle({ reason: error.message }))
      request.once('close', () => settle({ reason: 'the connection was closed' }))
      request.end(body)
    })
  return { send, close: () => agent.destroy() }
}

function parse(url: string): RequestOptions | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port, pathname } = new URL(url)
  if (protocol !== 'http:') return undefined
  return {
    // Node expects IPv6 literals without brackets.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 80 : Number(port),
    path: `${pathname.replace(/\/$/, '')}/v1/metrics`,
  }
}
