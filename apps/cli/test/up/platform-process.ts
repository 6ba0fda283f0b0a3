import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ComponentStatus } from '@millrace/core'
import { allocatePort, processIdentity } from '@millrace/core/process'
import { waitFor } from '@millrace/testing'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const UP_DEADLINE_MS = 60_000

/** Any application: says which instance answers, slowly when asked to, and ends in-flight requests before it goes. */
export const SERVER = `
  const server = require('http').createServer((request, response) => {
    const delay = Number(new URL(request.url, 'http://x').searchParams.get('delay') ?? 0)
    setTimeout(() => response.end(process.env.MILLRACE_INSTANCE), delay)
  })
  server.listen(process.env.PORT)
  process.on('SIGTERM', () => server.close())`

export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs one command line to its end, as a person would in a shell. */
export async function millrace(
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const child = launch(args, cwd, env)
  const output = collect(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output() }
}

/** A running `millrace up` in a process of its own. */
export class PlatformProcess implements AsyncDisposable {
  readonly folder: string
  readonly port: number
  readonly child: ChildProcess
  readonly output: () => { stdout: string; stderr: string }
  readonly #env: Record<string, string>
  readonly #ownsFolder: boolean

  private constructor(args: string[], folder: string | undefined, port: number, env: Record<string, string>) {
    this.#ownsFolder = folder === undefined
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'millrace-up-'))
    this.port = port
    this.#env = { PORT: String(port), ...env }
    this.child = launch(['up', ...args], this.folder, this.#env)
    this.output = collect(this.child)
  }

  /** Resolves when the banner is printed. `folder`: an existing one, kept afterwards. */
  static async up(
    args: string[],
    { folder, port, env = {} }: { folder?: string; port?: number; env?: Record<string, string> } = {},
  ): Promise<PlatformProcess> {
    const platform = new PlatformProcess(args, folder, port ?? (await allocatePort()), env)
    const isUp = (): boolean => / is up after |"msg":"up"/.test(platform.output().stdout)
    await waitFor(() => isUp() || platform.child.exitCode !== null, {
      deadlineMs: UP_DEADLINE_MS,
      what: 'the banner',
    })
    if (!isUp())
      throw new Error(`up ended with ${platform.child.exitCode}:\n${JSON.stringify(platform.output())}`)
    return platform
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  run(...args: string[]): Promise<CommandResult> {
    return millrace(args, this.folder, this.#env)
  }

  async components(): Promise<ComponentStatus[]> {
    const { stdout, stderr } = await this.run('status', '--json')
    const status = JSON.parse(stdout) as { components?: ComponentStatus[] }
    if (status.components === undefined) throw new Error(stdout + stderr)
    return status.components
  }

  /** Sends Ctrl-C and resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode
    const exited = once(this.child, 'exit') as Promise<[number | null]>
    this.child.kill(signal)
    const [code] = await exited
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    if (this.#ownsFolder) rmSync(this.folder, { recursive: true, force: true })
  }
}

function launch(args: string[], cwd: string, env: Record<string, string>): ChildProcess {
  const inherited = { ...process.env }
  for (const name of ['PORT', 'DATABASE_URL', 'NODE_OPTIONS', 'MILLRACE_DATA_DIR', 'VITEST'])
    delete inherited[name]
  return spawn(process.execPath, ['--conditions=millrace:source', MAIN, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return () => ({ ...output })
}

export const pidsOf = (components: { pid?: number }[]): number[] =>
  components.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
export const alive = (pids: number[]): number[] => pids.filter((pid) => processIdentity(pid) !== undefined)
