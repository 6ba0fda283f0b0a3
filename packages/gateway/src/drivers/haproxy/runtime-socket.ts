import { connect } from 'node:net'
import { gatewayErrors } from '../../errors.ts'

const TIMEOUT_MS = 5_000

/**
 * Sends commands to HAProxy's runtime API (management guide, section 9.3) and resolves with all that it answered. Rejects
 * with GATEWAY_HAPROXY_SILENT.
 */
export function ask(socketPath: string, command: string, timeoutMs = TIMEOUT_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ path: socketPath })
    const fail = (reason: string): void => {
      socket.destroy()
      reject(gatewayErrors.HAPROXY_SILENT({ command: command.slice(0, 100), reason }))
    }
    const timer = setTimeout(() => fail(`nothing within ${timeoutMs} ms`), timeoutMs)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString())
    })
    socket.end(`${command}\n`)
  })
}
