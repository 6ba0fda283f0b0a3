import { allocatePort } from '@millrace/core/process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  defineBenchmark,
  load,
  MissingPeer,
  pinnedTo,
  startListening,
  withCpu,
  type Contender,
  type Running,
} from '@millrace/bench'
import { agentNodeOptions } from '@millrace/node'

const SERVER_CPU = 0
const OTHER_CPU = 1
const CONNECTIONS = 16
const FRAMEWORKS = ['express', 'fastify'] as const
type Framework = (typeof FRAMEWORKS)[number]

const app = (file: string): string => fileURLToPath(new URL(`./apps/${file}`, import.meta.url))

/**
 * Two processes of the same program differ by up to 10 % in CPU per request (memory layout, what the compiler saw
 * first), which is more than what is measured here. Each contender therefore runs several copies, loaded in turn.
 */
const COPIES = 3
const processes = new WeakMap<Running, Record<Framework, Running[]>>()

interface Instrumentation {
  nodeOptions?: string
  argument?: string
  /** Package that must be installed. */
  peer?: string
}

function contender(name: string, { nodeOptions = '', argument, peer }: Instrumentation): Contender<string> {
  return {
    name,
    async start(telemetryUrl) {
      if (peer !== undefined) requirePeer(peer)
      const started: Record<Framework, Running[]> = { express: [], fastify: [] }
      const variables = [
        `NODE_OPTIONS=${nodeOptions}`,
        `MILLRACE_TELEMETRY_URL=${telemetryUrl}`,
        'NODE_ENV=production',
      ]
      for (const framework of FRAMEWORKS) {
        for (let copy = 0; copy < COPIES; copy++) {
          const port = await allocatePort()
          const program = [app('server.ts'), String(port), framework, ...(argument ? [argument] : [])]
          const command = [...pinnedTo(SERVER_CPU), 'env', ...variables, process.execPath, ...program]
          started[framework].push(await startListening(command, port))
        }
      }
      const stop = async (): Promise<void> => {
        for (const copies of Object.values(started)) for (const copy of copies) await copy.stop()
      }
      const running: Running = { stop }
      processes.set(running, started)
      return running
    },
  }
}

function requirePeer(name: string): void {
  try {
    createRequire(import.meta.url).resolve(name)
  } catch {
    throw new MissingPeer(`${name} is not installed`)
  }
}

export const benchmark = defineBenchmark<{ framework: Framework }, string>({
  name: 'agent',
  title: 'CPU per request of a small JSON route, by what measures it',
  metrics: [
    { name: 'cpu_per_request', unit: 'µs', better: 'lower' },
    { name: 'requests_per_second', unit: '1/s', better: 'higher' },
  ],
  cases: { 'Express 5': { framework: 'express' }, 'Fastify 5': { framework: 'fastify' } },
  contenders: [
    { ...contender('millrace', { nodeOptions: agentNodeOptions() }), ours: true },
    contender('nothing', {}),
    contender('prom-client', { argument: 'prom-client', peer: 'prom-client' }),
    contender('opentelemetry', {
      nodeOptions: `--import=${new URL('./apps/opentelemetry.ts', import.meta.url).href}`,
      peer: '@opentelemetry/instrumentation-http',
    }),
  ],
  async prepare() {
    const receiver = createServer((request, response) => {
      request.resume()
      request.on('end', () => response.setHeader('content-type', 'application/json').end('{}'))
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    const stop = (): Promise<void> =>
      new Promise((resolve) => {
        receiver.closeAllConnections()
        receiver.close(() => resolve())
      })
    return { environment: `http://127.0.0.1:${port}`, stop }
  },
  async measure(running, { framework }, _telemetryUrl, { seconds, dir }) {
    const total = { cpu: 0, requests: 0, requestsPerSecond: 0, foreign: 0 }
    for (const { pid, url } of processes.get(running)?.[framework] ?? []) {
      const options = { connections: CONNECTIONS, seconds: Math.ceil(seconds / COPIES), dir }
      const { result, cpu } = await withCpu(pid!, () =>
        load(`${url}/products/42`, { ...options, prefix: pinnedTo(OTHER_CPU) }),
      )
      if (result.errors > 0) throw new Error(`${framework}: ${result.errors} failed requests`)
      total.cpu += cpu.process
      total.requests += result.requests
      total.requestsPerSecond += result.requestsPerSecond / COPIES
      total.foreign += cpu.foreign / COPIES
    }
    return {
      values: {
        cpu_per_request: (total.cpu / total.requests) * 1e6,
        requests_per_second: total.requestsPerSecond,
      },
      foreignCpu: total.foreign,
    }
  },
})
