import type { PlatformConfig } from '@millrace/core'
import { z } from 'zod'

/** The gateway's address is the platform's public one, whoever provides the gateway. */
const listen = z.object({ gateway: z.object({ host: z.string(), port: z.int().min(1) }) })

const ANY_ADDRESS: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }

/** Where the application is reached from this machine: through the gateway. Default http://127.0.0.1:3000. */
export function gatewayOrigin(platform: PlatformConfig): string {
  const read = listen.safeParse(platform)
  if (!read.success) return 'http://127.0.0.1:3000'
  const { host, port } = read.data.gateway
  const name = ANY_ADDRESS[host] ?? (host.includes(':') ? `[${host}]` : host)
  return `http://${name}:${port}`
}
