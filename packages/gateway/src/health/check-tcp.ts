import { connect } from 'node:net'
import type { BackendEntry } from '../drivers/driver.ts'
import { targetOf, type ProbeSettings } from './health-settings.ts'

/** A connection can be made. */
export function checkTcp(
  backend: BackendEntry,
  settings: ProbeSettings,
  signal?: AbortSignal,
): Promise<string> {
  const { host, port } = targetOf(backend, settings)
  const { timeoutMs } = settings
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(signal === undefined ? {} : { signal }) })
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)),
      timeoutMs,
    )
    socket.once('connect', () => {
      resolve('connected')
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error('the connection was closed'))
    })
  })
}
