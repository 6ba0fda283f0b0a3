import { join } from 'node:path'
import type { HostContext } from '@millrace/core'
import type { EngineConfig, GatewayConfig } from '../config.ts'
import type { ListenAddress } from '../drivers/driver.ts'
import { configuredCertificates } from './certificates.ts'
import { CaddyFront } from './front.ts'

/** The engine's settings behind a front, which connects from this machine and says whom a request comes from. */
export function trustingFront(engine: EngineConfig, { front }: GatewayConfig): EngineConfig {
  if (front.kind === 'none' || engine.trustedProxies.includes('loopback')) return engine
  return { ...engine, trustedProxies: [...engine.trustedProxies, 'loopback'] }
}

/** An address that is bound to all is reached on this machine. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

/** Resolves when the configured front serves; with undefined where there is none. Rejects as `CaddyFront.start` does. */
export async function startFront(
  context: HostContext<GatewayConfig>,
  { host, port }: ListenAddress,
): Promise<CaddyFront | undefined> {
  const { config, dataDir, logger, clock } = context
  const { front, trustedProxies, geography, timeouts, limits, tls } = config
  if (front.kind === 'none') return undefined
  const started = new CaddyFront({
    program: front.program,
    host: front.host,
    port: front.port,
    upstream: { host: reachable(host), port },
    certificates: configuredCertificates(tls),
    minVersion: tls.minVersion,
    trustedProxies,
    countryHeader: geography.countryHeader,
    headersMs: timeouts.headersMs,
    keepAliveMs: timeouts.keepAliveMs,
    lingerMs: timeouts.lingerMs,
    headerBytes: limits.headerBytes,
    directory: join(dataDir, 'front'),
    logger,
    clock,
    changed: () => context.changed(),
  })
  await started.start()
  logger.info({ address: started.status().address }, 'the front serves HTTP/1.1, HTTP/2 and HTTP/3')
  return started
}
