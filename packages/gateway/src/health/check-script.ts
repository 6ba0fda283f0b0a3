import { MillraceError, silentLogger } from '@millrace/core'
import { parseCommand, runCommand } from '@millrace/core/process'
import type { BackendEntry } from '../drivers/driver.ts'
import { targetOf, type ProbeSettings } from './health-settings.ts'

/**
 * Runs a command that exits with 0 when the backend can take requests. It sees its address and PATH, nothing else of this
 * process's environment. After `timeoutMs` its process group is asked to end, and killed 3 s later; what it leaves
 * running when it ends by itself is killed at once. Its last line is what is shown.
 */
export async function checkScript(
  backend: BackendEntry,
  settings: ProbeSettings,
  signal?: AbortSignal,
): Promise<string> {
  const { host, port, tls } = targetOf(backend, settings)
  let last = ''
  try {
    await runCommand({
      command: parseCommand(settings.command ?? ''),
      env: {
        PATH: process.env['PATH'],
        MILLRACE_BACKEND_ID: backend.id,
        MILLRACE_BACKEND_HOST: host,
        MILLRACE_BACKEND_PORT: String(port),
        MILLRACE_BACKEND_PROTOCOL: tls ? 'https' : 'http',
      },
      timeoutMs: settings.timeoutMs,
      logger: silentLogger,
      endGroup: true,
      onLine: (line) => {
        if (line.trim() !== '') last = line
      },
      ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
      ...(signal === undefined ? {} : { signal }),
    })
    return last === '' ? 'exited with code 0' : last
  } catch (error) {
    const reason = error instanceof MillraceError ? error.details['reason'] : undefined
    if (typeof reason !== 'string') throw error
    throw new Error(last === '' ? reason : `${reason}: ${last}`, { cause: error })
  }
}
