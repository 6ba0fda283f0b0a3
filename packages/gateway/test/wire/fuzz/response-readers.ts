import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ResponseReader } from '../../../src/wire/response-reader.ts'
import { MessageSyntaxError } from '../../../src/wire/syntax-error.ts'
import type { Message, Reading } from './seen.ts'
import { WireStream } from './wire-stream.ts'

const HEADER_BYTES = 16_384

/** llhttp, by node:http's client. The connection ends after the bytes. */
export function readByNode(method: string, parts: readonly Buffer[]): () => Reading {
  const reading: Reading = { messages: [], refused: undefined }
  const stream = new WireStream()
  const outgoing = request({
    method,
    host: 'a',
    maxHeaderSize: HEADER_BYTES,
    insecureHTTPParser: false,
    createConnection: () => stream as unknown as Socket,
  })
  outgoing.maxHeadersCount = 0
  // The response says whether it stays so.
  outgoing.shouldKeepAlive = true
  let current: Message | undefined
  outgoing.on('information', ({ statusCode, statusMessage, httpVersionMinor, rawHeaders }) =>
    reading.messages.push({
      line: `${statusCode} ${statusMessage} ${httpVersionMinor}`,
      pairs: rawHeaders,
      body: '',
      complete: true,
      tunnel: false,
      keep: true,
      trailers: [],
    }),
  )
  outgoing.on('response', (response: IncomingMessage) => {
    const message: Message = {
      line: `${response.statusCode} ${response.statusMessage} ${response.httpVersionMinor}`,
      pairs: response.rawHeaders,
      body: '',
      complete: false,
      tunnel: false,
      keep: outgoing.shouldKeepAlive,
      trailers: [],
    }
    current = message
    reading.messages.push(message)
    response.on('data', (chunk: Buffer) => (message.body += chunk.toString('latin1')))
    response.on('end', () => {
      message.complete = response.complete
      message.trailers = response.rawTrailers
    })
    response.on('error', (error) => (reading.refused ??= error.message))
  })
  outgoing.on('upgrade', () => (reading.refused ??= '101'))
  // What comes behind a complete response concerns no one.
  outgoing.on('error', (error: Error & { code?: string }) => {
    if (current?.complete !== true) reading.refused ??= error.code ?? error.message
  })
  outgoing.end()
  for (const part of parts) stream.push(part)
  stream.push(null)
  return () => {
    outgoing.destroy()
    stream.destroy()
    return reading
  }
}

/** Ours. */
export function readByWire(method: string, parts: readonly Buffer[]): Reading {
  const reading: Reading = { messages: [], refused: undefined }
  let message: Message | undefined
  const reader = new ResponseReader(
    { bytes: HEADER_BYTES, fields: 1_000 },
    {
      head({ status, reason, minor, pairs }) {
        if (status === 101) throw new MessageSyntaxError('101')
        message = {
          line: `${status} ${reason} ${minor}`,
          pairs,
          body: '',
          complete: status < 200,
          tunnel: false,
          keep: true,
          trailers: [],
        }
        reading.messages.push(message)
        return false
      },
      data(bytes, from, to) {
        message!.body += bytes.toString('latin1', from, to)
      },
    },
  )
  reader.expect(method)
  try {
    for (const part of parts) {
      reader.read(part, part.length)
      if (reader.done) break
    }
    reader.end()
  } catch (error) {
    if (!(error instanceof MessageSyntaxError)) throw error
    reading.refused = error.message
  }
  if (reader.done) {
    message!.complete = true
    message!.keep = reader.reusable
    message!.trailers = reader.trailers ?? []
  } else reading.refused ??= 'the connection ended in the middle'
  return reading
}
