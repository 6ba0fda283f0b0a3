import type { Logger } from '@millrace/core'
import { storeErrors } from './errors.ts'

/** @throws STORE_SETTING_MISSING */
export function requireSetting(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw storeErrors.SETTING_MISSING({ name })
  return value
}

/** Where the platform wants this instance to listen. */
export const listenAddress = (): { port: number; host: string } => ({
  port: Number(requireSetting('PORT')),
  host: process.env.HOST ?? '127.0.0.1',
})

const STOP_DEADLINE_MS = 25_000

/**
 * On SIGTERM or SIGINT: `stop` finishes the requests in flight and closes what is open, after which nothing keeps
 * the process alive. Past the deadline it is ended.
 */
export function stopOnSignal(stop: () => Promise<void>, logger: Logger): void {
  let stopping = false
  const onSignal = (signal: string): void => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref()
    stop().catch((error: unknown) => {
      logger.error({ err: error }, 'stopping failed')
      process.exit(1)
    })
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
