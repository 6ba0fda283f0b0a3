import { connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { protectFromUnreadable } from '../backends/unreadable-sessions.ts'
import type { BackendEntry } from '../drivers/driver.ts'
import { trust } from './check-http.ts'
import { decodeHealthResponse, encodeHealthRequest, SERVING_STATUSES } from './grpc-messages.ts'
import { targetOf, type ProbeSettings } from './health-settings.ts'

/** A health answer has two bytes. */
const ANSWER_BYTES = 4_096
const UNIMPLEMENTED = '12'
const NOT_FOUND = '5'

/**
 * `grpc.health.v1.Health/Check` (the GRPC Health Checking Protocol), over HTTP/2 with TLS or with prior knowledge: only
 * SERVING is healthy. Two messages of one field each do not need a gRPC library, which would bring connections of its own
 * that hide whether the backend can be reached now.
 */
export async function checkGrpc(
  backend: BackendEntry,
  settings: ProbeSettings,
  signal?: AbortSignal,
): Promise<string> {
  const { timeoutMs, service = '' } = settings
  const { origin, tls } = targetOf(backend, settings)
  const session = connect(origin, { settings: { enablePush: false }, ...(tls ? await trust(settings) : {}) })
  const done = Promise.withResolvers<string>()
  const { reject } = done
  // What closes the session may do so when nobody waits any more: no request could be made with these headers.
  done.promise.catch(() => undefined)
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  const onAbort = (): void => reject(signal!.reason as Error)
  signal?.addEventListener('abort', onAbort, { once: true })
  protectFromUnreadable(session)
  session.on('error', reject)
  session.on('close', () => reject(new Error('the connection was closed')))
  try {
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      ...(settings.host === undefined ? {} : { [constants.HTTP2_HEADER_AUTHORITY]: settings.host }),
      ...settings.headers,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${timeoutMs}m`,
      'user-agent': 'millrace-health',
    })
    const chunks: Buffer[] = []
    let length = 0
    let head: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    stream.on('response', (headers) => void (head = headers))
    stream.on('trailers', (headers) => void (trailers = headers))
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > ANSWER_BYTES) reject(new Error('the answer is too long for a health check'))
      else chunks.push(chunk)
    })
    stream.on('error', reject)
    stream.on('end', () => {
      try {
        done.resolve(judge(head, trailers, Buffer.concat(chunks), service))
      } catch (error) {
        reject(error as Error)
      }
    })
    stream.end(encodeHealthRequest(service))
    return await done.promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    session.destroy()
  }
}

function judge(
  head: IncomingHttpHeaders,
  trailers: IncomingHttpHeaders,
  body: Buffer,
  service: string,
): string {
  const status = Number(head[':status'])
  if (status !== 200) throw new Error(`answered HTTP ${status}, not gRPC`)
  // An answer without a message has its status among the headers.
  const code = String(trailers['grpc-status'] ?? head['grpc-status'] ?? '')
  if (code === UNIMPLEMENTED) throw new Error('the server has no grpc.health.v1.Health')
  if (code === NOT_FOUND) throw new Error(`the server does not know the service '${service}'`)
  if (code !== '0') {
    const text = String(trailers['grpc-message'] ?? head['grpc-message'] ?? '')
    throw new Error(`gRPC status ${code === '' ? 'missing' : code}${text === '' ? '' : `: ${text}`}`)
  }
  const serving = decodeHealthResponse(body)
  const name = SERVING_STATUSES[serving] ?? String(serving)
  if (name !== 'SERVING') throw new Error(name)
  return name
}
