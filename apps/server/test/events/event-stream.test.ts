import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fakeClock, waitFor } from '@millrace/testing'
import { afterEach, expect, test } from 'vitest'
import {
  createEventStream,
  HEARTBEAT_MS,
  MAX_CLIENTS,
  MAX_STREAM_MS,
  type EventStream,
} from '../../src/events/event-stream.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(stream: EventStream): Promise<() => Promise<IncomingMessage>> {
  server = createServer((_request, response) => {
    if (!stream.add(response)) response.writeHead(503).end()
  })
  const listening = server
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  return () =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1' }, resolve).on('error', reject).end()
    })
}

const textOf = (response: IncomingMessage): { text: string; ended: boolean } => {
  const seen = { text: '', ended: false }
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => (seen.text += chunk))
  response.on('close', () => (seen.ended = true))
  response.on('error', () => undefined)
  return seen
}

test('events go to every client, with a heartbeat in between', async () => {
  const clock = fakeClock()
  const stream = createEventStream(clock)
  const connect = await serve(stream)
  const [first, second] = [textOf(await connect()), textOf(await connect())]
  stream.send('scale.changed', { pool: 'shop', to: 2 })
  const expected = 'event: scale.changed\ndata: {"pool":"shop","to":2}\n\n'
  await waitFor(() => first.text.includes(expected) && second.text.includes(expected))
  await clock.advance(HEARTBEAT_MS)
  await waitFor(() => first.text.endsWith(':\n\n'))
  stream.close()
  await waitFor(() => first.ended && second.ended)
  expect(second.text).toBe(first.text)
})

test('a client that does not read is disconnected instead of filling memory', async () => {
  const stream = createEventStream(fakeClock())
  const connect = await serve(stream)
  const slow = await connect()
  slow.on('error', () => undefined)
  slow.pause()
  const data = 'x'.repeat(64 * 1024)
  await waitFor(() => {
    for (let i = 0; i < 50; i++) stream.send('audit.recorded', data)
    return stream.clients === 0
  })
  expect(stream.clients).toBe(0)
  stream.close()
})

test('a stream ends after ten minutes, so that its client signs in again', async () => {
  const clock = fakeClock()
  const stream = createEventStream(clock)
  const connect = await serve(stream)
  const client = textOf(await connect())
  await clock.advance(MAX_STREAM_MS)
  await waitFor(() => client.ended)
  expect(stream.clients).toBe(0)
  stream.close()
})

test('no more clients than the limit, and none after closing', async () => {
  const stream = createEventStream(fakeClock())
  const connect = await serve(stream)
  for (let i = 0; i < MAX_CLIENTS; i++) (await connect()).on('error', () => undefined)
  expect(stream.clients).toBe(MAX_CLIENTS)
  expect((await connect()).statusCode).toBe(503)
  stream.close()
  expect((await connect()).statusCode).toBe(503)
  expect(stream.clients).toBe(0)
})
