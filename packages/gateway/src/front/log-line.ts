import type { Logger } from '@millrace/core'
import { FRONT_ID } from './config.ts'

interface CaddyLine {
  level?: unknown
  msg?: unknown
  error?: unknown
  logger?: unknown
}

function parse(line: string): CaddyLine | undefined {
  try {
    return JSON.parse(line) as CaddyLine
  } catch {
    return undefined
  }
}

/** What every start says and nobody can do anything about. */
const EXPECTED =
  /automatic HTTPS is completely disabled|UDP Receive Buffer Size|stapling OCSP|trust store installation|^exiting|using provided configuration/i
/** Visitors who leave are no trouble of the front. */
const OF_VISITORS = /aborting with incomplete response/

/** Caddy's lines with their own levels; what it says otherwise, as information. */
export function forwardLine(logger: Logger, line: string): void {
  const said = parse(line)
  if (said === undefined) {
    logger.info({ id: FRONT_ID }, line)
    return
  }
  const message = typeof said.msg === 'string' ? said.msg : line
  const fields = { id: FRONT_ID, part: said.logger, reason: said.error }
  if (EXPECTED.test(message) || EXPECTED.test(line) || OF_VISITORS.test(message))
    logger.debug(fields, message)
  else if (said.level === 'error' || said.level === 'panic' || said.level === 'fatal')
    logger.error(fields, message)
  else if (said.level === 'warn') logger.warn(fields, message)
  else logger.info(fields, message)
}

/** Why it did not start, when the line says that. */
export function messageOf(line: string): string | undefined {
  const [, plain] = /^(?:run|Error): (?:loading initial config: )?(.*)/.exec(line) ?? []
  if (plain !== undefined) return plain
  const said = parse(line)
  return said?.level === 'error' && typeof said.error === 'string' ? said.error : undefined
}
