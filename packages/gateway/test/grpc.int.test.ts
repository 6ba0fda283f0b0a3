import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServiceDefinition,
  type ServiceError,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LACKING } from '../src/drivers/haproxy/differences.ts'
import { createHaproxyGateway } from '../src/drivers/haproxy/haproxy.ts'
import { createGateway } from '../src/index.ts'
import { CertificateFolder, makeCertificate } from '../src/testing/certificates.ts'
import { Fixture, type CreateEngine } from '../src/testing/fixture.ts'
import { http2Pool } from '../src/testing/suites/http2-backends.ts'

const same = (bytes: Buffer): Buffer => bytes
const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${path}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
})
const SERVICE = {
  unary: method('Unary', false, false),
  download: method('Download', false, true),
  upload: method('Upload', true, false),
  chat: method('Chat', true, true),
} satisfies ServiceDefinition

type Unary = ServerUnaryCall<Buffer, Buffer>

/** What the official server and client see through the gateway: visitors by TLS and HTTP/2, backends by HTTP/2. */
describe.each<[string, CreateEngine, readonly string[]]>([
  ['node', createGateway, []],
  ['haproxy', createHaproxyGateway, LACKING],
])('gRPC through the engine %s', (_name, create, lacking) => {
  let fixture: Fixture
  let server: Server
  let client: Client
  let cancelled: number
  let deadlines: boolean[]
  beforeEach(() => {
    fixture = new Fixture(create, lacking)
    cancelled = 0
    deadlines = []
  })
  afterEach(async () => {
    client?.close()
    server?.forceShutdown()
    await fixture.close()
  })

  const implementation = {
    unary(call: Unary, reply: sendUnaryData<Buffer>): void {
      call.on('cancelled', () => cancelled++)
      deadlines.push(call.getDeadline() instanceof Date || Number.isFinite(call.getDeadline()))
      const text = call.request.toString('latin1', 0, 20)
      if (text === 'wait') return
      if (text === 'fail') {
        const metadata = new Metadata()
        metadata.set('x-reason', 'because')
        metadata.set('x-data-bin', Buffer.from([1, 2, 255]))
        reply({ code: status.FAILED_PRECONDITION, details: 'no — not this', metadata })
        return
      }
      const trailer = new Metadata()
      trailer.set('x-trailer', String(call.metadata.get('x-asked')[0]))
      reply(null, call.request, trailer)
    },
    download(call: ServerWritableStream<Buffer, Buffer>): void {
      call.on('cancelled', () => cancelled++)
      const count = call.request.readUInt32BE()
      for (let i = 0; i < count; i++) call.write(Buffer.from(`message ${i}`))
      if (count < 1_000) call.end()
    },
    upload(call: ServerReadableStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void {
      let bytes = 0
      call.on('data', (chunk: Buffer) => (bytes += chunk.length))
      call.on('end', () => reply(null, Buffer.from(String(bytes))))
    },
    chat(call: ServerDuplexStream<Buffer, Buffer>): void {
      call.on('data', (chunk: Buffer) => call.write(Buffer.concat([Buffer.from('echo '), chunk])))
      call.on('end', () => call.end())
    },
  }

  async function start(): Promise<boolean> {
    server = new Server()
    server.addService(SERVICE, implementation)
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    )
    const folder = new CertificateFolder()
    fixture.cleanup(() => folder.remove())
    const certificate = makeCertificate(['shop.example'])
    const tls = { enabled: true, port: 0, certificates: [folder.write('shop', certificate)] }
    if (!(await fixture.startWith('tls.enabled', http2Pool(port), { tls }))) return false
    const Echo = makeGenericClientConstructor(SERVICE, 'Echo')
    client = new Echo(
      `127.0.0.1:${fixture.tlsPort}`,
      credentials.createSsl(Buffer.from(certificate.certificate), null, null, {
        checkServerIdentity: () => undefined,
      }),
      { 'grpc.ssl_target_name_override': 'shop.example', 'grpc.enable_retries': 0 },
    )
    return true
  }
  const asking = new Metadata()
  asking.set('x-asked', 'this')
  interface Reply {
    error: ServiceError | null
    value: Buffer | undefined
    trailer: Metadata
  }
  function unary(body: string | Buffer, deadlineMs?: number): Promise<Reply> & { cancel(): void } {
    let cancel!: () => void
    const reply = new Promise<Reply>((resolve) => {
      let error: ServiceError | null = null
      let value: Buffer | undefined
      const call = client.makeUnaryRequest(
        SERVICE.unary.path,
        same,
        same,
        Buffer.from(body),
        asking,
        deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
        (failure, answer) => ([error, value] = [failure, answer]),
      )
      cancel = () => call.cancel()
      call.on('status', ({ metadata }) => setImmediate(() => resolve({ error, value, trailer: metadata })))
    })
    return Object.assign(reply, { cancel })
  }

  it('single calls, with metadata both ways, and many at once', async () => {
    if (!(await start())) return
    const { error, value, trailer } = await unary('hello')
    expect([error, value!.toString(), trailer.get('x-trailer')]).toEqual([null, 'hello', ['this']])
    const many = await Promise.all(Array.from({ length: 300 }, (_, at) => unary(`n${at}`)))
    expect(many.map((one) => one.value?.toString())).toEqual(many.map((_, at) => `n${at}`))
  })

  it('messages of 4 MB', async () => {
    if (!(await start())) return
    const large = Buffer.alloc(4_000_000, 'x')
    expect((await unary(large)).value!.equals(large)).toBe(true)
  })

  it('errors, which are answers without a message', async () => {
    if (!(await start())) return
    const { error } = await unary('fail')
    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details: 'no — not this' })
    expect(error!.metadata.get('x-reason')).toEqual(['because'])
    expect(error!.metadata.get('x-data-bin')).toEqual([Buffer.from([1, 2, 255])])
    const missing = await new Promise<ServiceError>((resolve) =>
      client.makeUnaryRequest('/test.Echo/Nothing', same, same, Buffer.from('x'), (failure) =>
        resolve(failure!),
      ),
    )
    expect(missing.code).toBe(status.UNIMPLEMENTED)
  })

  it('deadlines and cancellation reach the server', async () => {
    if (!(await start())) return
    expect((await unary('wait', 300)).error!.code).toBe(status.DEADLINE_EXCEEDED)
    await expect.poll(() => cancelled).toBe(1)
    expect(deadlines).toEqual([true])
    const call = unary('wait')
    await expect.poll(() => deadlines.length).toBe(2)
    call.cancel()
    expect((await call).error!.code).toBe(status.CANCELLED)
    await expect.poll(() => cancelled).toBe(2)
  })

  it('streams of the server, to their end and cancelled in the middle', async () => {
    if (!(await start())) return
    const count = (messages: number): Buffer => Buffer.from([0, 0, messages >> 8, messages & 255])
    const stream = client.makeServerStreamRequest(SERVICE.download.path, same, same, count(500))
    const received: string[] = []
    stream.on('data', (message: Buffer) => received.push(message.toString()))
    await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject))
    expect(received).toEqual(Array.from({ length: 500 }, (_, at) => `message ${at}`))

    const endless = client.makeServerStreamRequest(SERVICE.download.path, same, same, count(1_000))
    endless.on('error', () => undefined)
    let seen = 0
    endless.on('data', () => seen++)
    await expect.poll(() => seen).toBe(1_000)
    endless.cancel()
    await expect.poll(() => cancelled).toBe(1)
  })

  it('streams of the client', async () => {
    if (!(await start())) return
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      const stream = client.makeClientStreamRequest(SERVICE.upload.path, same, same, (error, value) =>
        error === null ? resolve(value) : reject(error),
      )
      for (let i = 0; i < 100; i++) stream.write(Buffer.alloc(100_000))
      stream.end()
    })
    expect(answer!.toString()).toBe('10000000')
  })

  it('streams of both, one message answering the other', async () => {
    if (!(await start())) return
    const stream = client.makeBidiStreamRequest(SERVICE.chat.path, same, same)
    const next = (): Promise<string> =>
      new Promise((resolve) => stream.once('data', (message: Buffer) => resolve(message.toString())))
    for (let i = 0; i < 20; i++) {
      const answer = next()
      stream.write(Buffer.from(String(i)))
      expect(await answer).toBe(`echo ${i}`)
    }
    const ended = new Promise((resolve) => stream.on('end', resolve))
    stream.end()
    stream.resume()
    await ended
  })

  it('a server that is gone is UNAVAILABLE', async () => {
    if (!(await start())) return
    server.forceShutdown()
    expect((await unary('hello')).error!.code).toBe(status.UNAVAILABLE)
  })
})
