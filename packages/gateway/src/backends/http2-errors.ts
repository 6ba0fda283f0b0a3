import { constants } from 'node:http2'
import { UnprocessedError } from '../pools/backend-connections.ts'

const { NGHTTP2_REFUSED_STREAM } = constants

/** Codes of RFC 9113, section 7, by which one side says that the other broke the protocol, or cannot be served by it. */
const BROKEN: ReadonlySet<number> = new Set([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
  constants.NGHTTP2_INADEQUATE_SECURITY,
  constants.NGHTTP2_HTTP_1_1_REQUIRED,
])

const NAMES = new Map(
  Object.entries(constants)
    .filter(([name]) =>
      /^NGHTTP2_(?:NO_ERROR|CANCEL|REFUSED_STREAM|STREAM_CLOSED|ENHANCE_YOUR_CALM|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED|SETTINGS_TIMEOUT|(?:PROTOCOL|INTERNAL|FLOW_CONTROL|FRAME_SIZE|COMPRESSION|CONNECT)_ERROR)$/.test(
        name,
      ),
    )
    .map(([name, code]) => [code as number, name.slice('NGHTTP2_'.length)]),
)

/** A stream that ended before its answer did. Its code begins with ERR_ where the protocol was broken. */
class StreamError extends Error {
  readonly code: string

  constructor(rstCode: number, cause?: unknown) {
    super(`the backend’s stream ended early: ${NAMES.get(rstCode) ?? `code ${rstCode}`}`, { cause })
    this.code = BROKEN.has(rstCode) ? 'ERR_BACKEND_STREAM' : 'BACKEND_STREAM_RESET'
  }
}

/** The connection under it is gone. */
export class ConnectionLostError extends Error {
  readonly code: string

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause })
    const code = (cause as { code?: string } | undefined)?.code
    // What nghttp2 could not read. Other codes of Node's are names for what the peer or the network did.
    this.code = code === 'ERR_HTTP2_ERROR' ? 'ERR_BACKEND_FRAMES' : 'BACKEND_CONNECTION_LOST'
  }
}

/** The backend cannot be spoken to in HTTP/2; no request was sent. */
export class NotHttp2Error extends Error {
  readonly code = 'BACKEND_NOT_HTTP2'
}

/** Why a stream ended, as the proxy is told. `refused`: a GOAWAY said that it was not looked at. */
export function streamFailure(rstCode: number, refused: boolean, lost: Error | undefined): Error {
  if (refused || rstCode === NGHTTP2_REFUSED_STREAM)
    return new UnprocessedError('the backend refused the request without looking at it', lost)
  return lost ?? new StreamError(rstCode)
}
