import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, waitFor, type FakeClock } from '@millrace/testing'
import { assetsConfig } from '../../src/config.ts'
import { createImageServer, type ImageServer } from '../../src/server/image-server.ts'
import { photo } from '../photos.ts'
import { Origin } from './origin.ts'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
  problem: { code?: string; detail?: string }
}

export interface TestServer {
  origin: Origin
  server: ImageServer
  clock: FakeClock
  folder: string
  registry: MetricRegistry
  ask(query: string, headers?: Record<string, string>, method?: 'GET' | 'HEAD'): Promise<Answer>
  /** A new image server over the same folder and origin, as after a restart of the process. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** A real image server over a real origin, on a clock that stands still. */
export async function startServer(
  config: Parameters<typeof assetsConfig.parse>[0] = {},
): Promise<TestServer> {
  const origin = await Origin.start()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-assets-'))
  const clock = fakeClock()
  const registry = new MetricRegistry()
  const create = (): Promise<ImageServer> =>
    createImageServer({
      config: assetsConfig.parse(config),
      origin: origin.url,
      internalPrefixes: ['/_millrace', '/admin'],
      folder,
      registry,
      clock,
      logger: silentLogger,
    })
  const test: TestServer = {
    origin,
    clock,
    folder,
    registry,
    server: await create(),
    async ask(query, headers = {}, method = 'GET') {
      const response = await test.server.app.inject({ method, url: `/_millrace/image?${query}`, headers })
      const isProblem = String(response.headers['content-type']).startsWith('application/problem+json')
      return {
        status: response.statusCode,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: response.rawPayload,
        problem: isProblem ? (response.json() as Answer['problem']) : {},
      }
    },
    async restart() {
      await test.server.close()
      test.server = await create()
    },
    async close() {
      await test.server.close()
      await origin.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return test
}

/** What Chromium says that it takes. */
export const CHROME = { accept: 'image/avif,image/webp,image/apng,*/*;q=0.8' }

/** A server whose origin has a photograph at /images/x.jpg. */
export async function serverWithPicture(): Promise<{ test: TestServer; picture: Buffer }> {
  const test = await startServer()
  const picture = await photo('black-canyon')
  test.origin.files.set('/images/x.jpg', { body: picture, headers: { 'content-type': 'image/jpeg' } })
  return { test, picture }
}

/** The files of results, once writing is done. */
export async function resultFiles(test: TestServer, atLeast = 2): Promise<string[]> {
  return waitFor(async () => {
    const names = (await readdir(test.folder, { recursive: true })).filter((name) =>
      /[0-9a-f]{64}$/.test(name),
    )
    return names.length >= atLeast ? names : undefined
  })
}
