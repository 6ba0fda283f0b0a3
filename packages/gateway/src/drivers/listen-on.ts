import type { AddressInfo, Server } from 'node:net'
import type { Logger } from '@millrace/core'
import { gatewayErrors } from '../errors.ts'

/** Resolves with the port when connections are accepted; rejects with GATEWAY_LISTEN_FAILED. */
export async function listenOn(server: Server, host: string, port: number, logger: Logger): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(gatewayErrors.LISTEN_FAILED({ host, port, reason: error.message }, error)),
    )
    server.listen({ host, port, backlog: 1_024 }, resolve)
  })
  server.removeAllListeners('error')
  server.on('error', (error) => logger.error({ err: error }, 'the gateway’s socket failed'))
  return (server.address() as AddressInfo).port
}
