import { MillraceError } from '@millrace/core'
import { gatewayErrors } from '../errors.ts'

/** Values of the label `reason`. */
export type FailureReason = 'connect' | 'timeout' | 'reset' | 'protocol' | 'request' | 'exhausted'

/** A backend's answer that no visitor should get. */
export class ProtocolError extends Error {
  readonly code = 'ERR_BACKEND_PROTOCOL'
}

/** Sorts what undici and the network report into what the metrics and the answer distinguish. */
export function failureReason(error: Error & { code?: string }, sent: boolean): FailureReason {
  switch (error.code) {
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
    case 'GATEWAY_UPGRADE_UNSUPPORTED':
      return 'request'
    // This machine has no descriptor, port or memory left for a connection: that says nothing about the backend.
    case 'EMFILE':
    case 'ENFILE':
    case 'EADDRNOTAVAIL':
    case 'ENOBUFS':
    case 'ENOMEM':
      return 'exhausted'
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'timeout'
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'protocol'
    default:
      if (!sent) return 'connect'
      // ERR_: a header that Node refuses to send on.
      return /^(?:HPE|ERR)_/.test(error.code ?? '') ? 'protocol' : 'reset'
  }
}

/** What the visitor is told. */
export function failureAnswer(reason: FailureReason, error: Error & { code?: string }): MillraceError {
  if (error instanceof MillraceError) return error
  if (reason === 'request') return gatewayErrors.REQUEST_INVALID({ reason: error.message }, error)
  if (reason === 'exhausted') return gatewayErrors.OVERLOADED({ retryAfterSeconds: 1 }, error)
  if (reason === 'timeout' || error.code === 'UND_ERR_CONNECT_TIMEOUT') {
    return gatewayErrors.UPSTREAM_TIMEOUT({}, error)
  }
  return gatewayErrors.BAD_GATEWAY({}, error)
}
