import type { Socket } from 'node:net'

/** Frames of HTTP/2 by hand (RFC 9113, 6), for backends that no library would be. */
export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
const SETTINGS = 4
export const PUSH_PROMISE = 5
export const PING = 6
export const GOAWAY = 7
export const CONTINUATION = 9

export const END_STREAM = 1
export const ACK = 1
export const END_HEADERS = 4

/** `:status: 200` of HPACK's static table. */
export const STATUS_200 = Buffer.from([0x88])

const PREFACE_BYTES = 24

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A field as HPACK writes it without a table or Huffman's code; texts up to 126 bytes. */
export const field = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x00, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])

export const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A setting: number and value. */
export const setting = (id: number, value: number): Buffer => {
  const bytes = Buffer.alloc(6)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt32BE(value, 2)
  return bytes
}

interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

/** Answers the preface with settings, and calls for each frame of the peer's. */
export function speakFrames(
  socket: Socket,
  onFrame: (frame: Frame, send: (...frames: Buffer[]) => void) => void,
  settings: Buffer = Buffer.alloc(0),
): void {
  let rest: Buffer = Buffer.alloc(0)
  let begun = false
  const send = (...frames: Buffer[]): void => void socket.write(Buffer.concat(frames))
  send(frame(SETTINGS, 0, 0, settings))
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    if (!begun) {
      if (rest.length < PREFACE_BYTES) return
      begun = true
      rest = rest.subarray(PREFACE_BYTES)
    }
    while (rest.length >= 9) {
      const end = 9 + rest.readUIntBE(0, 3)
      if (rest.length < end) return
      const received = {
        type: rest[3]!,
        flags: rest[4]!,
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      }
      rest = rest.subarray(end)
      if (received.type === SETTINGS && received.flags === 0) send(frame(SETTINGS, ACK, 0))
      onFrame(received, send)
    }
  })
}
