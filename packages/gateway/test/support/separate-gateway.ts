import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ProcessReport } from './single-gateway.ts'

const PROGRAM = fileURLToPath(new URL('./single-gateway.ts', import.meta.url))
const FLAGS = ['--conditions=millrace:source', '--expose-gc']

/** A gateway in a process of its own, so that its memory and descriptors are measured and not the test's. */
export class SeparateGateway {
  readonly #child: ChildProcess
  readonly port: number
  /** 0: it has no TLS. */
  readonly tlsPort: number

  private constructor(child: ChildProcess, { port, tlsPort }: { port: number; tlsPort: number }) {
    this.#child = child
    this.port = port
    this.tlsPort = tlsPort
  }

  /** `openFiles`: the limit of the process. Default: that of the test. `protocol`: towards the upstream. `files`: with TLS. */
  static async start(
    upstream: number,
    {
      openFiles,
      http1 = 'llhttp',
      protocol = 'http1',
      files,
    }: {
      openFiles?: number
      http1?: 'llhttp' | 'strict'
      protocol?: 'http1' | 'http2'
      files?: { certificate: string; key: string }
    } = {},
  ): Promise<SeparateGateway> {
    const args = [
      String(upstream),
      http1,
      protocol,
      ...(files === undefined ? [] : [files.certificate, files.key]),
    ]
    const child =
      openFiles === undefined
        ? fork(PROGRAM, args, { execArgv: FLAGS })
        : spawn(
            'sh',
            ['-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, process.execPath, ...FLAGS, PROGRAM, ...args],
            { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
          )
    return new Promise((resolve, reject) => {
      child.once('message', (ports) =>
        resolve(new SeparateGateway(child, ports as { port: number; tlsPort: number })),
      )
      child.once('exit', () => reject(new Error('the gateway did not start')))
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  async report(): Promise<ProcessReport> {
    const answer = once(this.#child, 'message', { signal: AbortSignal.timeout(10_000) })
    this.#child.send('report')
    const [report] = (await answer) as [ProcessReport]
    return report
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
