/** Prometheus remote write 1.0: protobuf in a Snappy block, encoded just as far as a benchmark needs it. */

const varint = (value: number | bigint): number[] => {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(content.length)]), content])

const label = (name: string, value: string): Buffer =>
  field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]))

function sample(value: number, at: number): Buffer {
  const double = Buffer.alloc(9)
  double[0] = 0x09
  double.writeDoubleLE(value, 1)
  return field(2, Buffer.concat([double, Buffer.from([0x10, ...varint(at)])]))
}

/** Literals only: valid Snappy without compression, so that the sender's effort is not what is measured. */
function snappy(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from(varint(content.length))]
  for (let at = 0; at < content.length; at += 65_536) {
    const literal = content.subarray(at, at + 65_536)
    const head = Buffer.alloc(3)
    head[0] = 61 << 2
    head.writeUInt16LE(literal.length - 1, 1)
    parts.push(head, literal)
  }
  return Buffer.concat(parts)
}

export interface RemoteSeries {
  metric: string
  series: string
  value: number
}

export const remoteWrite = (list: readonly RemoteSeries[], at: number): Buffer =>
  snappy(
    Buffer.concat(
      list.map(({ metric, series, value }) =>
        // Labels sorted by name, as the protocol demands.
        field(1, Buffer.concat([label('__name__', metric), label('series', series), sample(value, at)])),
      ),
    ),
  )
