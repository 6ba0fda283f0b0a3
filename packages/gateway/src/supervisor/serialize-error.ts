import { MillraceError } from '@millrace/core'
import type { SerializedError } from './messages.ts'

export function serializeError(error: unknown): SerializedError {
  if (error instanceof MillraceError) {
    const { code, message, status, title, details } = error
    return { code, message, status, title, details }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'GATEWAY_WORKER_FAILED', message, status: 500, title: 'Gateway worker failed', details: {} }
}

export const deserializeError = ({ message, ...options }: SerializedError): MillraceError =>
  new MillraceError(message, options)
