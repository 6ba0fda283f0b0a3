import type { Logger } from '../logger/logger.ts'

const SETTINGS: Record<string, string> = {
  // No socket file: nothing is written outside the data directory, and long paths do not fail.
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
  // Query statistics are what database advice is made of.
  shared_preload_libraries: 'pg_stat_statements',
  track_io_timing: 'on',
}

export function serverArguments(options: {
  cluster: string
  host: string
  port: number
  settings?: Record<string, string>
}): string[] {
  const settings = { ...SETTINGS, ...options.settings }
  return [
    '-D',
    options.cluster,
    '-h',
    options.host,
    '-p',
    String(options.port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}

const LINE =
  /^(DEBUG\d|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|STATEMENT|CONTEXT|QUERY): +(.*)$/

/** What the server writes to standard error, at the level it means. Its routine reports are debug lines here. */
export function serverLogger(logger: Logger): (line: string) => void {
  return (line) => {
    const [, severity, text] = LINE.exec(line) ?? []
    if (severity === 'PANIC') logger.error(text)
    // A client that connects while the server starts or stops gets a FATAL; that is its business.
    else if (severity === 'WARNING') logger.warn(text)
    else logger.debug({ severity }, text ?? line)
  }
}
