/**
 * Writes MaxMind DB files (format 2.0) for tests: a binary tree over address bits, then the data, then what describes them.
 * IPv4 addresses stand below `::/96`, as in real files.
 */

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const RECORD_BYTES = 4

type Value = string | number | { [key: string]: Value } | Value[]

/** Type and size in the first byte; types above 7 say so in the next (specification, "Data Field Format"). */
function encode(value: Value): Buffer {
  const control = (type: number, size: number): Buffer => {
    if (size > 28) throw new Error('longer than a test needs')
    return type <= 7 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7])
  }
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  const pairs = Object.entries(value)
  return Buffer.concat([
    control(7, pairs.length),
    ...pairs.flatMap(([key, item]) => [encode(key), encode(item)]),
  ])
}

const bitsOf = (cidr: string): number[] => {
  const [address = '', length = '32'] = cidr.split('/')
  const bytes = [...Array.from<number>({ length: 12 }).fill(0), ...address.split('.').map(Number)]
  return bytes
    .flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1))
    .slice(0, 96 + Number(length))
}

/** `{ '203.0.113.0/24': 'AT' }` */
export function countryFile(networks: Readonly<Record<string, string>>): Buffer {
  type Node = [Node | string | undefined, Node | string | undefined]
  const root: Node = [undefined, undefined]
  for (const [cidr, code] of Object.entries(networks)) {
    const bits = bitsOf(cidr)
    let node = root
    for (const bit of bits.slice(0, -1)) node = (node[bit] ??= [undefined, undefined]) as Node
    node[bits.at(-1)!] = code
  }
  const nodes: Node[] = []
  const visit = (node: Node): void => {
    nodes.push(node)
    for (const child of node) if (Array.isArray(child)) visit(child)
  }
  visit(root)
  const codes = [...new Set(Object.values(networks))]
  const data = codes.map((code) => encode({ country: { iso_code: code } }))
  const offsetOf = (code: string): number =>
    data.slice(0, codes.indexOf(code)).reduce((sum, { length }) => sum + length, 0)
  const tree = Buffer.alloc(nodes.length * RECORD_BYTES * 2)
  nodes.forEach((node, at) => {
    node.forEach((child, side) => {
      const record =
        child === undefined
          ? nodes.length
          : typeof child === 'string'
            ? nodes.length + 16 + offsetOf(child)
            : nodes.indexOf(child)
      tree.writeUInt32BE(record, at * RECORD_BYTES * 2 + side * RECORD_BYTES)
    })
  })
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'Test-Country',
    description: { en: 'test' },
    ip_version: 6,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 32,
  })
  return Buffer.concat([tree, Buffer.alloc(16), ...data, MARKER, metadata])
}
