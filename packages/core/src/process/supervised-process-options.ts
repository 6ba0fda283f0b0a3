import type { Clock } from '../clock/clock.ts'
import type { ComponentStatus } from '../host/host.ts'
import type { Logger } from '../logger/logger.ts'
import type { BackoffOptions } from '../clock/backoff.ts'
import type { Launch } from './launch.ts'
import type { RunFiles } from './run-file.ts'

export interface SupervisedProcessOptions {
  /** Component id, for status and logs. */
  id: string
  kind: ComponentStatus['kind']
  /** Called before each start. A rejection counts as a failed start. */
  launch: () => Launch | Promise<Launch>
  logger: Logger
  clock?: Clock
  /** Default 30 s. A process that is not ready by then is ended and started again. */
  startTimeoutMs?: number
  /** Default SIGTERM. */
  stopSignal?: NodeJS.Signals
  /** Between two starts. Default 200 ms … 30 s, of which a quarter is random. */
  backoff?: BackoffOptions
  /** Ready for this long: the next failure starts at the shortest delay again. Default 60 s. */
  stableMs?: number
  /** Where running pids are kept for whoever has to clean up after a kill -9 of this process. */
  runFiles?: RunFiles
  onChange?: (status: ComponentStatus) => void
  onMessage?: (message: unknown) => void
  /** Default: of instances logged at info (standard output) and warn (standard error), else as `forwardLog` does. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void
}
