import { allocatePort } from '@millrace/core/process'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { inspect } from 'node:util'
import { waitFor } from '@millrace/testing'

const root = path.resolve(import.meta.dirname, '../..')
/** Below the system's temporary folder a directory is reachable for the user PostgreSQL runs as. */
const scratch = '/tmp'

export interface ControlFile {
  url: string
  token: string
  pid: number
  publicUrl: string
}

export interface Component {
  id: string
  kind: string
  state: string
  pid?: number
  address?: string
  restarts: number
}

export interface Platform {
  port: number
  dataDir: string
  publicUrl: string
  control: ControlFile
  process: ChildProcess
  /** All that the supervisor printed, for assertions and for the message of a failure. */
  output(): string
  api<Result>(route: string, init?: { method: string; body: string }): Promise<Result>
  components(): Promise<Component[]>
  /** Ctrl-C, then the exit code. */
  stop(): Promise<number | null>
}

export interface PlatformOptions {
  args: readonly string[]
  dataDir?: string
  port?: number
  env?: Record<string, string>
  deadlineMs?: number
  /** Where its configuration is. Default: the repository. */
  cwd?: string
}

export const temporaryDataDir = (): string => mkdtempSync(path.join(scratch, 'millrace-e2e-'))
export const removeDataDir = (directory: string): void => rmSync(directory, { recursive: true, force: true })

/** Starts `millrace up` as a person would, in a process of its own, and waits until the public port answers. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const port = options.port ?? (await allocatePort())
  const dataDir = options.dataDir ?? temporaryDataDir()
  const child = spawn(
    process.execPath,
    ['--conditions=millrace:source', path.join(root, 'apps/cli/src/main.ts'), 'up', ...options.args],
    {
      cwd: options.cwd ?? root,
      env: { ...process.env, PORT: String(port), MILLRACE_DATA_DIR: dataDir, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const collect = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-200_000))
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))

  const publicUrl = `http://127.0.0.1:${port}`
  try {
    await waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(`millrace up ended with ${child.exitCode}`)
        return (await fetch(publicUrl, { signal: AbortSignal.timeout(2_000) })).status < 500
      },
      { deadlineMs: options.deadlineMs ?? 90_000, intervalMs: 200 },
    )
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`The platform did not start:\n${output}`, { cause: error })
  }
  const readControl = (): ControlFile =>
    JSON.parse(readFileSync(path.join(dataDir, 'run/control.json'), 'utf8')) as ControlFile

  const api = async <Result>(
    route: string,
    init: { method?: string; body?: string } = {},
  ): Promise<Result> => {
    const { url, token } = readControl()
    const response = await fetch(new URL(route, url), {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(30_000),
    })
    const body = await response.text()
    if (!response.ok) throw new Error(`${route} answered ${response.status}: ${body}`)
    return JSON.parse(body) as Result
  }
  return {
    port,
    dataDir,
    publicUrl,
    control: readControl(),
    process: child,
    output: () => output,
    api,
    components: async () => (await api<{ components: Component[] }>('/api/runtime')).components,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      return exited
    },
  }
}

/** Requests without pause until stopped; what it returns are the failures, in words. */
export function steadyLoad(
  url: string,
  concurrency = 4,
): { stop(): Promise<{ requests: number; failures: string[] }> } {
  const stopped = new AbortController()
  let requests = 0
  const failures: string[] = []
  const visitor = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      requests++
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
        await response.arrayBuffer()
        if (response.status >= 400) failures.push(`status ${response.status}`)
      } catch (error) {
        failures.push(inspect(error))
      }
    }
  }
  const visitors = Array.from({ length: concurrency }, visitor)
  return {
    stop: async () => {
      stopped.abort()
      await Promise.all(visitors)
      return { requests, failures }
    },
  }
}
