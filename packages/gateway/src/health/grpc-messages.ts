/**
 * The two messages of grpc.health.v1 (health.proto of grpc/grpc-proto), in the encoding of Protocol Buffers, and the frame
 * that gRPC puts around each: a compression flag and four bytes of length.
 */

/** HealthCheckResponse.ServingStatus */
export const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const

const FRAME_HEADER = 5

/** `HealthCheckRequest { string service = 1 }`, framed. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8')
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
  const frame = Buffer.alloc(FRAME_HEADER + message.length)
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, FRAME_HEADER)
  return frame
}

/**
 * The number in `HealthCheckResponse { ServingStatus status = 1 }` of a framed message. Fields that are not known are
 * skipped. Throws an Error for what is no such message.
 */
export function decodeHealthResponse(frame: Buffer): number {
  if (frame.length < FRAME_HEADER) throw new Error('the answer holds no message')
  if (frame[0] !== 0) throw new Error('the answer is compressed, which was not offered')
  const end = FRAME_HEADER + frame.readUInt32BE(1)
  if (end !== frame.length) throw new Error('the answer is not one complete message')
  let status = 0
  let at = FRAME_HEADER
  const number = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = frame[at++]
      if (byte === undefined) break
      // Beyond 32 bits nothing matters here but where it ends.
      if (shift < 28) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new Error('the answer’s message is damaged')
  }
  while (at < end) {
    const tag = number()
    const wireType = tag & 7
    if (wireType === 0) {
      const value = number()
      if (tag >> 3 === 1) status = value
    } else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else if (wireType === 2) {
      const length = number()
      at += length
    } else throw new Error('the answer’s message is damaged')
  }
  if (at !== end) throw new Error('the answer’s message is damaged')
  return status
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}
