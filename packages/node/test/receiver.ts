import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import type { MetricPoint } from '@millrace/core'
import { decodeOtlp, mergeHistograms } from '@millrace/core/metrics'
import { agentNodeOptions } from '@millrace/node'
import { waitFor } from '@millrace/testing'

/** Pushes come every two seconds; on a busy machine an application starts slowly, too. */
export const eventually = <Value>(condition: () => Value): ReturnType<typeof waitFor<Value>> =>
  waitFor(condition, { deadlineMs: 20_000 })

export const apps = new URL('./apps/', import.meta.url)

// To run these tests against another Node and a built agent: see "Other versions of Node" in README.md.
const NODE = process.env['MILLRACE_TEST_NODE'] ?? process.execPath
const NODE_OPTIONS = process.env['MILLRACE_TEST_NODE_OPTIONS'] ?? agentNodeOptions()

/** A telemetry receiver that keeps every point, and the applications started against it. */
export class Receiver {
  readonly points: MetricPoint[] = []
  readonly #children: ChildProcess[] = []
  readonly #server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      this.points.push(...decodeOtlp(JSON.parse(body)).points)
      response.end('{}')
    })
  })
  url = ''

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    receiver.url = `http://127.0.0.1:${(receiver.#server.address() as AddressInfo).port}`
    return receiver
  }

  environment(extra: Record<string, string> = {}): Record<string, string | undefined> {
    return {
      PATH: process.env['PATH'],
      PORT: '0',
      NODE_OPTIONS,
      MILLRACE_TELEMETRY_URL: this.url,
      MILLRACE_TELEMETRY_TOKEN: 't',
      MILLRACE_SERVICE: 'shop',
      MILLRACE_INSTANCE: 'shop/1',
      MILLRACE_LISTEN_HOST: '127.0.0.1',
      MILLRACE_AGENT_DEBUG: '1',
      ...extra,
    }
  }

  run(args: readonly string[], extra: Record<string, string> = {}, command = NODE): Application {
    const child = spawn(command, args, {
      env: this.environment(extra),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#children.push(child)
    return new Application(child)
  }

  app(file: string, extra: Record<string, string> = {}): Application {
    return this.run([new URL(file, apps).pathname], extra)
  }

  /** Requests counted so far, by `METHOD route status`. */
  requests(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { name, labels, value } of this.points) {
      if (name !== 'http_server_request_duration_seconds' || typeof value === 'number' || value.count === 0)
        continue
      const key = `${labels['method']} ${labels['route']} ${labels['status']}`
      counts[key] = (counts[key] ?? 0) + value.count
    }
    return counts
  }

  names(): Set<string> {
    return new Set(this.points.map(({ name }) => name))
  }

  /** Queries counted so far, by operation. */
  operations(): Record<string, number> {
    const found = this.points.filter(({ name }) => name === 'db_client_operation_duration_seconds')
    const byOperation = Object.groupBy(found, ({ labels }) => labels['operation'] ?? '')
    return Object.fromEntries(
      Object.entries(byOperation).map(([operation, points = []]) => [
        operation,
        mergeHistograms(points.map(({ value }) => value as never)).count,
      ]),
    )
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export class Application {
  readonly child: ChildProcess
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  errors = ''
  readonly #lines: Interface

  constructor(child: ChildProcess) {
    this.child = child
    this.#lines = createInterface({ input: child.stdout! })
    child.stderr!.on('data', (chunk: Buffer) => (this.errors += chunk.toString()))
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  }

  /** The next line of standard output, as JSON. */
  async line<Value>(): Promise<Value> {
    const [line] = (await once(this.#lines, 'line')) as [string]
    return JSON.parse(line) as Value
  }

  async url(): Promise<string> {
    const { address, port } = await this.line<AddressInfo>()
    if (address !== '127.0.0.1') throw new Error(`it listens on ${address}`)
    return `http://127.0.0.1:${port}`
  }
}
