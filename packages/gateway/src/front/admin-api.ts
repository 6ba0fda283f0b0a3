import { request } from 'node:http'
import { gatewayErrors } from '../errors.ts'

const TIMEOUT_MS = 15_000
const BODY_BYTES = 1_048_576

/** The name that Caddy's admin endpoint lets itself be asked by, on a socket that has none. */
export const ADMIN_HOST = 'millrace'

/**
 * One call of Caddy's admin API over its unix socket; resolves with what it answered. Rejects with GATEWAY_FRONT_SILENT, and with
 * GATEWAY_FRONT_REFUSED and Caddy's own message for any other status than 200.
 */
export function askCaddy(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: string,
  timeoutMs = TIMEOUT_MS,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = `${method} ${path}`
    const fail = (reason: string, cause?: unknown): void =>
      reject(gatewayErrors.FRONT_SILENT({ call, reason }, cause))
    const timer = setTimeout(() => outgoing.destroy(new Error(`nothing within ${timeoutMs} ms`)), timeoutMs)
    const headers: Record<string, string> = { host: ADMIN_HOST }
    if (body !== undefined) {
      headers['content-type'] = 'application/json'
      // Files that it names may have changed while it has not.
      headers['cache-control'] = 'must-revalidate'
    }
    const outgoing = request({ socketPath, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > BODY_BYTES) outgoing.destroy(new Error(`more than ${BODY_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', (error) => fail(error.message, error))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(gatewayErrors.FRONT_REFUSED({ reason: messageIn(text, response.statusCode!) }))
      })
    })
    outgoing.on('close', () => clearTimeout(timer))
    outgoing.on('error', (error) => fail(error.message, error))
    outgoing.end(body)
  })
}

function messageIn(text: string, status: number): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    if (typeof error === 'string') return error
  } catch {
    // Not what it usually answers.
  }
  return `it answered ${status}`
}
