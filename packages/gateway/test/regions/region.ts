import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { HostStats } from '../../src/service.ts'
import type { ToRegion } from './regional-gateway.ts'

const PROGRAM = fileURLToPath(new URL('./regional-gateway.ts', import.meta.url))

/** One gateway with its workers in processes of their own, and its backend in this one. */
export class Region {
  readonly name: string
  readonly port: number
  #child: ChildProcess | undefined
  #backend: Server | undefined
  #backendPort = 0

  constructor(name: string, port: number) {
    this.name = name
    this.port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async startBackend(): Promise<void> {
    const server = createServer((req, res) => {
      res.setHeader('content-type', 'application/json')
      setTimeout(() => res.end(JSON.stringify({ region: this.name, url: req.url, headers: req.headers })), 1)
    })
    server.on('upgrade', (_req, socket) => {
      socket.on('error', () => undefined)
      socket.on('end', () => socket.destroy())
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${this.name}`,
      )
    })
    await new Promise<void>((resolve) => server.listen(this.#backendPort, '127.0.0.1', resolve))
    this.#backendPort = (server.address() as AddressInfo).port
    this.#backend = server
  }

  killBackend(): void {
    this.#backend?.close()
    this.#backend?.closeAllConnections()
    this.#backend = undefined
  }

  async start(config: object): Promise<void> {
    this.#child = fork(PROGRAM, [], { execArgv: ['--conditions=millrace:source'] })
    await this.#call({ name: 'start', backends: [this.#backendPort], config: { port: this.port, ...config } })
  }

  async #call<Value>(message: ToRegion): Promise<Value> {
    const child = this.#child!
    const answer = once(child, 'message', { signal: AbortSignal.timeout(30_000) })
    child.send(message)
    const [{ value, error }] = (await answer) as [{ value: Value; error?: string }]
    if (error !== undefined) throw new Error(error)
    return value
  }

  stats(): Promise<HostStats> {
    return this.#call({ name: 'stats' })
  }

  /** The whole gateway at once, its workers included. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) await this.#call({ name: 'stop' }).catch(() => undefined)
    await this.kill()
    this.killBackend()
  }
}
