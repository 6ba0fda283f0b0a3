import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  defineBenchmark,
  freePort,
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

/** A contender is one process per framework; the harness knows the first, and `measure` looks up the other. */
const processes = new WeakMap<Running, Map<Framework, Running>>()

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
      const started = new Map<Framework, Running>()
      for (const framework of FRAMEWORKS) {
        const port = await freePort()
        const variables = [
          `NODE_OPTIONS=${nodeOptions}`,
          `MILLRACE_TELEMETRY_URL=${telemetryUrl}`,
          'NODE_ENV=production',
        ]
        const node = [
          process.execPath,
          app('server.ts'),
          String(port),
          framework,
          ...(argument ? [argument] : []),
        ]
        started.set(
          framework,
          await startListening([...pinnedTo(SERVER_CPU), 'env', ...variables, ...node], port),
        )
      }
      const stop = async (): Promise<void> => {
        for (const running of started.values()) await running.stop()
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
    const server = processes.get(running)?.get(framework)
    if (server?.pid === undefined) throw new Error(`${framework} does not run`)
    const { result, cpu } = await withCpu(server.pid, () =>
      load(`${server.url}/products/42`, {
        connections: CONNECTIONS,
        seconds,
        prefix: pinnedTo(OTHER_CPU),
        dir,
      }),
    )
    if (result.errors > 0) throw new Error(`${framework}: ${result.errors} failed requests`)
    return {
      values: {
        cpu_per_request: (cpu.process / result.requests) * 1e6,
        requests_per_second: result.requestsPerSecond,
      },
      foreignCpu: cpu.foreign,
    }
  },
})
