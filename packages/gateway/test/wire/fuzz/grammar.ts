import { AMBIGUOUS, BAD_CHUNKS } from '../../../src/testing/suites/smuggling.ts'
import type { Random } from './random.ts'

/** Messages that are mostly right, of parts that are sometimes not; then bytes of them are changed. */

const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'QUERY',
  'M-SEARCH',
  'get',
  'FOO',
  'CONNECT',
  'PRI',
  'G\x00T',
  '',
]
const TARGETS = [
  '/',
  '/',
  '/a/b?c=d',
  '/\xc3\xa4',
  '*',
  'http://a/',
  'http://a:80/x?y',
  'https://[::1]/',
  'HTTP://a',
  'http://a?b',
  'a:443',
  '//b/c',
  '/a#b',
  '/%zz',
  '/\t',
  '/ x',
  'http://u@h/',
  'ftp://a/',
  'http:///x',
  'a',
  '',
  '/"<>\\^`{|}',
]
const VERSIONS = [
  ...Array.from({ length: 12 }, () => 'HTTP/1.1'),
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/11',
  'HTTP/1.',
  'RTSP/1.0',
  '',
]
const STATUSES = [
  ...Array.from({ length: 8 }, () => '200 OK'),
  '204 No Content',
  '304 Not Modified',
  '100 Continue',
  '103 Early Hints',
  '101 Switching Protocols',
  '200',
  '200 ',
  '099 X',
  '600 X',
  '999 X',
  '20 X',
  '2000 X',
  '200  two',
  '200\tOK',
  '200 a\x01b',
  '200 Fran\xe7ais',
  '+200 OK',
  '404 Not Found',
]
/** Of the fields, so many at the beginning are well-formed and change nothing. */
const PLAIN_FIELDS = 8
const FIELDS = [
  'X-A: 1', 'X-B:2', 'X-C: \t 3 \t', 'X-Empty:', 'Accept: */*', 'Cookie: a=b; c="d"', 'X-High: \xe9\xff', 'X-Tab: a\tb',
  'Connection: close', 'Connection: keep-alive', 'Connection: Keep-Alive, X-A', 'connection: CLOSE', 'Connection: upgrade', 'Connection: keep-alive, Upgrade', 'Connection: close, keep-alive', 'Connection: ,', 'Connection: closed', 'Connection: xclose',
  'Upgrade: websocket', 'Upgrade: h2c', 'Upgrade: WebSocket', 'Proxy-Connection: close', 'Keep-Alive: timeout=5', 'Expect: 100-continue', 'Expect: x', 'TE: trailers', 'Trailer: X-T',
  'X D: 1', 'X-E : 1', ' X-F: 1', ': 1', 'X-G', 'X(H): 1', 'X-I: a\x00b', 'X-J: a\x0bb', 'X-K: a\x7fb', 'X-L: a\rb', 'X-M: a\nb', 'X-N: 1\r\n folded', 'X-O: 1\r\n\tfolded', 'X\xe4: 1', 'X-P:\x0b1', 'Host: b', 'host: a', 'Host: ', 'HOST: c:80',
  'Connection: close\xa0', 'Connection: \x85close', 'Connection: close;q=1', 'Connection: "close"', 'Connection: keep-alive\r\nConnection: close', 'Connection: clo\r\n se', 'Connection:close,', 'Connection: upgrade\xa0', 'Connection: keep-alive\x0c', 'Proxy-Connection: keep-alive', 'Keep-Alive: timeout=0',
] // prettier-ignore
const LENGTHS = [
  'Content-Length: 5',
  'content-length: 5',
  'Content-Length: 0',
  'Content-Length: 05',
  'Content-Length: +5',
  'Content-Length: -1',
  'Content-Length: 5, 5',
  'Content-Length: 5 ',
  'Content-Length: 0x5',
  'Content-Length: 5e0',
  'Content-Length:',
  'Content-Length: 99999999999999999999',
  'Content-Length: 18446744073709551616',
  'Content-Length: 18446744073709551621',
  'Content-Length : 5',
  'Content_Length: 5',
  'Content-Length: 5\t',
  'Content-Length: \x0b5',
  'Content-Length: 5 5',
  'Content-Length: 5\xa0',
  'Content-Length: \x855',
  'Content-Length: ,5',
  'Content-Length: 5,',
  'Content-Length: 0000000000005',
  'Content-Length: 00000000000000000005',
  'Content-Length: 4294967301',
  'Content-Length: 9007199254740997',
  'Content-Length: \r\n 5',
  'Content-Length: 5\r\nContent-Length: 5',
]
const CODINGS = [
  ...Array.from({ length: 5 }, () => 'Transfer-Encoding: chunked'),
  'transfer-encoding: Chunked',
  'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunkedx',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding:',
  'Transfer-Encoding: chunked;q=1',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: chunked\xa0',
  'Transfer-Encoding: \x85chunked',
  'Transfer-Encoding: chunked\x0c',
  'Transfer-Encoding: chun\r\n ked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer\x00-Encoding: chunked',
]
const SIZES = [
  '5',
  '5',
  '5',
  '5',
  '05',
  '0005',
  '5 ',
  ' 5',
  '0x5',
  '+5',
  '-5',
  '5;a',
  '5;a=b',
  '5;a="b"',
  '5;a="b;c"',
  '5;a="b\\"c"',
  '5 ;a=b',
  '5; a=b',
  '5;',
  '5;=b',
  '5;a=',
  '5;a="b',
  '5;;a',
  '5;a=b;c=d',
  '5;a\x00',
  'g',
  '',
  '6',
  '4',
  'fffffffffffffffff',
  '10000000000000005',
  '80000000000000005',
  '5,5',
  '5;a="b\r\nc"',
  '5;a="\xe9"',
  '5;a=\xe9',
  '000000000000000000005',
  '5;a="b"c',
  '5;a="b"=c',
  '5;a==b',
  '5\t',
  '5;a=b ',
]
const LAST = ['0', '0', '0', '0', '00', '0;a=b', '0 ', '0000000000000', '000000000000000000000', '']
const TRAILERS = [
  '',
  '',
  '',
  'X-T: 1\r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: b\r\n',
  'X T: 1\r\n',
  'X-T\r\n',
  'X-T: a\x00\r\n',
  'X-T: 1\n',
  ' X: 1\r\n',
  'X-T: a\r b\r\n',
  'X-U: \xe4\r\nX-V: 2\r\n',
]
const BREAKS = [
  ...Array.from({ length: 60 }, () => '\r\n'),
  '\n',
  '\r',
  '\r\r\n',
  '\n\r',
  '\r\n\r\n',
  '',
  '\r\n ',
  '\x0b\r\n',
]
const INTERESTING = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '0',
  '5',
  '\x0b',
  '\x7f',
  '\x80',
  '\xff',
  'chunked',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'HTTP/1.1',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\n\r\n',
  '0\r\n\r\n',
]
const CORPUS = [
  ...Object.values(AMBIGUOUS),
  ...Object.values(BAD_CHUNKS).map(
    (body) => `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
  ),
]

function fields(random: Random, count: number): string {
  let text = ''
  // Near the limits of bytes and of the number of fields.
  if (random.chance(0.01)) text += `X-Long: ${'x'.repeat(random.below(17_000))}\r\n`
  if (random.chance(0.01)) text += 'X: 1\r\n'.repeat(random.below(99))
  for (let i = random.below(count); i > 0; i--)
    text += random.chance(0.7)
      ? `${FIELDS[random.below(PLAIN_FIELDS)]!}\r\n`
      : random.of(FIELDS) + random.of(BREAKS)
  return text
}

/** Chunks of any size and spelling; what is in them looks like framing. */
function wellFormed(random: Random): string {
  let text = ''
  for (let i = random.below(6); i > 0; i--) {
    const data = random.of(INTERESTING).repeat(1 + random.below(random.chance(0.1) ? 2_000 : 3))
    const size = `${'0'.repeat(random.below(4))}${data.length.toString(16)}`
    const extension = random.chance(0.2) ? random.of([';a', ';a=b', ';a="b;\\"c"', ';a;b=c']) : ''
    text += `${random.chance(0.5) ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`
  }
  return `${text}0\r\n${random.chance(0.3) ? 'X-T: 1\r\nx-u:\r\n' : ''}\r\n`
}

function chunks(random: Random): string {
  if (random.chance(0.4)) return wellFormed(random)
  let text = ''
  for (let i = random.below(3); i > 0; i--)
    text += `${random.chance(0.8) ? '5\r\n' : random.of(SIZES) + random.of(BREAKS)}hello${random.chance(0.8) ? '\r\n' : random.of(BREAKS)}`
  return `${text}${random.chance(0.7) ? '0' : random.of(LAST)}${random.of(BREAKS)}${random.chance(0.3) ? random.of(TRAILERS) : ''}${random.of(BREAKS)}`
}

/** Fields that frame and a body, which mostly belong together. */
function framed(random: Random, bodies: number): [string, string] {
  if (!random.chance(bodies)) return ['', '']
  const plain = random.chance(0.6)
  let head = ''
  if (random.chance(0.5)) head += `${plain ? 'Content-Length: 5' : 'Transfer-Encoding: chunked'}\r\n`
  else {
    if (random.chance(0.6)) head += random.of(LENGTHS) + random.of(BREAKS)
    if (random.chance(0.5)) head += random.of(CODINGS) + random.of(BREAKS)
    if (random.chance(0.1)) head += random.of(LENGTHS) + random.of(BREAKS)
    if (random.chance(0.1)) head += random.of(CODINGS) + random.of(BREAKS)
  }
  return [head, plain ? 'hello' : chunks(random)]
}

function request(random: Random): string {
  const usual = random.chance(0.6)
  const line = usual
    ? `${random.chance(0.5) ? 'GET' : 'POST'} /${random.below(9)} HTTP/1.1\r\n`
    : `${random.of(METHODS)}${random.chance(0.97) ? ' ' : '  '}${random.of(TARGETS)} ${random.of(VERSIONS)}${random.of(BREAKS)}`
  const [framing, body] = framed(random, 0.6)
  const host = random.chance(0.95) ? 'Host: a\r\n' : ''
  return `${random.chance(0.03) ? random.of(BREAKS) : ''}${line}${host}${fields(random, 4)}${framing}${fields(random, 2)}\r\n${body}`
}

export function requests(random: Random): Buffer {
  if (random.chance(0.1)) return mutated(random, random.of(CORPUS))
  let text = ''
  for (let i = 1 + random.below(3); i > 0; i--) text += request(random)
  return mutated(random, text)
}

export function response(random: Random): Buffer {
  let text = ''
  if (random.chance(0.1))
    text += `HTTP/1.1 ${random.of(['100 Continue', '103 Early Hints', '102 Processing'])}\r\n${fields(random, 2)}\r\n`
  const version = random.chance(0.9) ? 'HTTP/1.1' : random.of(VERSIONS)
  const status = random.chance(0.6) ? '200 OK' : random.of(STATUSES)
  const [framing, body] = framed(random, 0.8)
  text += `${version} ${status}${random.of(BREAKS)}${fields(random, 4)}${framing}${fields(random, 2)}\r\n${body}`
  if (random.chance(0.1)) text += 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
  return mutated(random, text)
}

/** Half of them stay as they are. */
function mutated(random: Random, text: string): Buffer {
  let bytes = Buffer.from(text, 'latin1')
  if (random.chance(0.5)) return bytes
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = random.below(bytes.length + 1)
    const to = Math.min(bytes.length, at + random.below(12))
    switch (random.below(6)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random.below(8)
        break
      case 1:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(random.of(INTERESTING), 'latin1'),
          bytes.subarray(at),
        ])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
        break
      case 4:
        if (at < bytes.length) bytes[at] = random.below(256)
        break
      default:
        if (random.chance(0.2)) bytes = bytes.subarray(0, at)
    }
  }
  return bytes
}

/** Where packets end: mostly anywhere, sometimes after every byte. */
export function packets(random: Random, bytes: Buffer): Buffer[] {
  if (random.chance(0.3)) return [bytes]
  const parts: Buffer[] = []
  const single = random.chance(0.2)
  for (let at = 0; at < bytes.length;) {
    const to = single ? at + 1 : Math.min(bytes.length, at + 1 + random.below(40))
    parts.push(bytes.subarray(at, to))
    at = to
  }
  return parts
}
