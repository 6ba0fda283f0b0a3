import type { Clock } from '@millrace/core'
import type { EngineOptions } from '../../config.ts'
import type { GatewayOptions } from '../node.ts'

export interface HaproxyOptions extends GatewayOptions {
  /**
   * Where HAProxy's files and sockets are, 0700. Default, and where the path is longer than 70 bytes or has other characters than
   * letters, digits and `_./@-`: a new one among the system's temporary files.
   */
  directory?: string
  /** Default: `haproxy` on the PATH, or in /usr/sbin. */
  program?: string
  /** Default: one per CPU. */
  threads?: number
  /**
   * Of so many requests, one is written down for the durations by method and status, and stands for the others. Default 32; with
   * an access log it is 1.
   */
  observeEvery?: number
  clock?: Clock
  /** Whenever `status()` would answer differently. */
  changed?: () => void
}

/** The settings that every engine has. */
export function engineOf(options: HaproxyOptions): EngineOptions {
  const {
    host: _host,
    port: _port,
    processes: _processes,
    logger: _logger,
    accessLog: _accessLog,
    registry: _registry,
    httpCache: _httpCache,
    onPurge: _onPurge,
    ticketKeys: _ticketKeys,
    routes: _routes,
    pools: _pools,
    directory: _directory,
    program: _program,
    threads: _threads,
    observeEvery: _observeEvery,
    clock: _clock,
    changed: _changed,
    ...engine
  } = options
  return engine
}
