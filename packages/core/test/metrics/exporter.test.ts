import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeOtlp, MetricRegistry, startExporter, type Exporter } from '../../src/metrics/index.ts'

class Receiver {
  readonly sums: number[] = []
  readonly tokens = new Set<string | undefined>()
  readonly sockets = new Set<unknown>()
  status = 200
  concurrent = 0
  maxConcurrent = 0
  readonly server: Server = createServer((request, response) => {
    this.maxConcurrent = Math.max(this.maxConcurrent, ++this.concurrent)
    this.sockets.add(request.socket)
    this.tokens.add(request.headers.authorization)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      this.concurrent--
      if (this.status === 200) {
        const point = decodeOtlp(JSON.parse(body)).points.find(({ name }) => name === 'n_total')
        this.sums.push(point?.value as number)
      }
      response.writeHead(this.status).end()
    })
  })

  async listen(port = 0): Promise<string> {
    this.server.listen(port, '127.0.0.1')
    await once(this.server, 'listening')
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close()
})

const begin = (url: string, options: { maxBufferedPushes?: number; timeoutMs?: number } = {}) => {
  const registry = new MetricRegistry()
  const counter = registry.counter({ name: 'n_total', help: '', unit: '1' })
  const exporter: Exporter = startExporter({
    registry,
    target: { url, token: 'secret' },
    resource: { service: 's', instance: 'i' },
    intervalMs: 3_600_000,
    ...options,
  })
  open.unshift({ close: () => exporter.stop({ deadlineMs: 10 }) })
  return { counter, exporter }
}

describe('startExporter', () => {
  it('pushes deltas with the token over one connection', async () => {
    const receiver = new Receiver()
    open.push(receiver)
    const { counter, exporter } = begin(await receiver.listen())
    for (const amount of [3, 4]) {
      counter.add(amount)
      await exporter.flush()
    }
    expect(receiver.sums).toEqual([3, 4])
    expect([...receiver.tokens]).toEqual(['Bearer secret'])
    expect(receiver.sockets.size).toBe(1)
    expect(exporter.stats()).toEqual({ sent: 2, dropped: 0, buffered: 0 })
  })

  it('buffers while the receiver fails, then delivers everything, one request at a time', async () => {
    const receiver = new Receiver()
    open.push(receiver)
    const { counter, exporter } = begin(await receiver.listen())
    receiver.status = 503
    for (let i = 1; i <= 3; i++) {
      counter.add(i)
      await exporter.flush()
    }
    expect(exporter.stats()).toEqual({ sent: 0, dropped: 0, buffered: 3 })
    receiver.status = 200
    await Promise.all([exporter.flush(), exporter.flush()])
    await exporter.flush()
    expect(receiver.sums.slice(0, 3)).toEqual([1, 2, 3])
    expect(receiver.sums.reduce((a, b) => a + b, 0)).toBe(6)
    expect(receiver.maxConcurrent).toBe(1)
  })

  it('drops the oldest beyond its bound and counts them', async () => {
    const receiver = new Receiver()
    open.push(receiver)
    const { counter, exporter } = begin(await receiver.listen(), { maxBufferedPushes: 2 })
    receiver.status = 500
    for (let i = 1; i <= 4; i++) {
      counter.add(i)
      await exporter.flush()
    }
    expect(exporter.stats()).toMatchObject({ dropped: 2, buffered: 2 })
    receiver.status = 200
    await exporter.flush()
    expect(receiver.sums.filter((sum) => sum > 0)).toEqual([4])
  })

  it('gives up on what the receiver refuses for good', async () => {
    const receiver = new Receiver()
    open.push(receiver)
    const { counter, exporter } = begin(await receiver.listen())
    receiver.status = 400
    counter.add()
    await exporter.flush()
    expect(exporter.stats()).toEqual({ sent: 0, dropped: 1, buffered: 0 })
  })

  it('survives a receiver that is not there, that never answers, and an address that is none', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const hanging = begin(`http://127.0.0.1:${port}`, { timeoutMs: 30 })
    hanging.counter.add()
    await hanging.exporter.flush()
    expect(hanging.exporter.stats()).toMatchObject({ sent: 0, buffered: 1 })
    silent.closeAllConnections()
    await new Promise((resolve) => silent.close(resolve))
    for (const url of [`http://127.0.0.1:${port}`, 'nonsense', 'https://127.0.0.1']) {
      const { counter, exporter } = begin(url)
      counter.add()
      await exporter.flush()
      expect(exporter.stats()).toMatchObject({ sent: 0, buffered: 1 })
    }
  })
})
