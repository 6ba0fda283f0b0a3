import { allocatePort } from '@millrace/core/process'
import { waitFor } from '@millrace/testing'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))

export interface RunningStore {
  url: string
  stop: () => Promise<void>
}

const SERVICES = ['user', 'content', 'shop', 'media']
const START_DEADLINE_MS = 120_000

/** The whole store behind the platform, as `npm start` runs it, with a data directory of its own. */
export async function startStore(): Promise<RunningStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'store-browser-'))
  const port = await allocatePort()
  const args = ['up', '--config', join(repository, 'examples/store/millrace.config.ts'), '--json']
  const child = spawn(
    process.execPath,
    ['--conditions=millrace:source', join(repository, 'apps/cli/src/main.ts'), ...args],
    {
      cwd: dataDir,
      env: { ...process.env, MILLRACE_DATA_DIR: dataDir, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exited = once(child, 'exit')

  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await exited
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  }

  const url = `http://127.0.0.1:${port}`
  const isUp = async (path: string): Promise<boolean> =>
    (await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) })).ok
  try {
    await waitFor(
      async () => {
        const paths = [
          '/',
          '/images/product.jpg',
          ...SERVICES.map((name) => `/services/${name}/health/ready`),
        ]
        return child.exitCode !== null || (await Promise.all(paths.map(isUp))).every(Boolean)
      },
      { deadlineMs: START_DEADLINE_MS, intervalMs: 200, what: 'The store behind the platform' },
    )
    if (child.exitCode !== null) throw new Error(`millrace up ended with ${child.exitCode}`)
    return { url, stop }
  } catch (error) {
    await stop()
    throw new Error(`The store did not start. Its last output:\n${output}`, { cause: error })
  }
}
