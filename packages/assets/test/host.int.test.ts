import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createHostPorts,
  platformConfig,
  silentLogger,
  systemClock,
  type HostContext,
  type HostPart,
  type Instance,
  type OptimizedImage,
  type RuntimeLink,
} from '@millrace/core'
import { createTestContext, waitFor } from '@millrace/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assetsActions } from '../src/actions.ts'
import { capability } from '../src/capability.ts'
import { assetsConfig, type AssetsConfig } from '../src/config.ts'
import type { AssetsService } from '../src/service.ts'
import { photo } from './photos.ts'
import { Origin } from './server/origin.ts'

let origin: Origin
let telemetry: Origin
let dataDir: string
let part: HostPart
let picture: Buffer
const ports = createHostPorts()

const instance = (): Instance | undefined => ports.all('instances')[0]?.list()[0]
const ready = (): Promise<Instance> =>
  waitFor(() => (instance()?.state === 'ready' ? instance() : undefined), { deadlineMs: 20_000 })
const actionContext = {
  actor: { kind: 'system', name: 'test', role: 'administrator' },
  logger: silentLogger,
  signal: new AbortController().signal,
  progress: () => undefined,
} as const

beforeAll(async () => {
  origin = await Origin.start()
  telemetry = await Origin.start()
  telemetry.files.set('/v1/metrics', { body: '{}' })
  picture = await photo('airplane-from-above')
  origin.files.set('/x.jpg', { body: picture })
  origin.files.set('/bad.jpg', { body: 'no picture' })
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-assets-host-'))
  const context: HostContext<AssetsConfig> = {
    name: 'assets',
    config: assetsConfig.parse({ origin: origin.url }),
    platform: platformConfig.parse({ logLevel: 'warn' }),
    logger: silentLogger,
    clock: systemClock,
    dataDir,
    telemetry: { url: telemetry.url, token: 'telemetry-token' },
    ports,
    environment: () => ({}),
    changed: () => undefined,
  }
  const definition = await capability.host!()
  part = await definition.start(context)
})
afterAll(async () => {
  await part?.stop({ deadlineMs: 5_000 })
  await origin.stop()
  await telemetry.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** The control plane's side, on the real host part. */
async function withService(run: (service: AssetsService) => Promise<void>): Promise<void> {
  const runtime: RuntimeLink = {
    connected: true,
    components: () => part.status(),
    call: async <Result>(_: string, method: string, params?: unknown) =>
      (await part.methods![method]!(params)) as Result,
    onChange: () => () => undefined,
  }
  await using test = await createTestContext(capability, { runtime })
  const service = await capability.create(test.context)
  try {
    await run(service)
  } finally {
    await capability.dispose(service)
  }
}

describe('the image process', () => {
  it('serves through the address the gateway is told', async () => {
    expect(ports.routes()).toEqual([{ prefix: '/_millrace/image', pool: 'assets' }])
    const { port, pool } = await ready()
    const response = await fetch(`http://127.0.0.1:${port}/_millrace/image?src=/x.jpg&w=640`, {
      headers: { accept: 'image/avif,*/*' },
    })
    expect([pool, response.status, response.headers.get('content-type')]).toEqual([
      'assets',
      200,
      'image/avif',
    ])
    const body = Buffer.from(await response.arrayBuffer())
    expect((await sharp(body).metadata()).width).toBe(640)
  })

  it('sees nothing of the environment but what it needs', async () => {
    const { pid } = part.status()[0]!
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    const names = environment
      .split('\0')
      .map((entry) => entry.split('=')[0]!)
      .filter((name) => name !== '')
    const expected = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS', 'MALLOC_ARENA_MAX']
    const more = [
      'MILLRACE_ASSETS_SETTINGS',
      'MILLRACE_RUN',
      'NODE_CHANNEL_FD',
      'NODE_CHANNEL_SERIALIZATION_MODE',
    ]
    expect(names.filter((name) => ![...expected, ...more].includes(name))).toEqual([])
  })

  it('reports its metrics', async () => {
    const push = await waitFor(() => telemetry.requests.find(({ path }) => path === '/v1/metrics'))
    expect(push.headers['authorization']).toBe('Bearer telemetry-token')
  })

  it('comes back after it was killed, as another instance, with its results', async () => {
    const before = await ready()
    const { pid } = part.status()[0]!
    // Results are written after the answer was sent.
    await waitFor(async () =>
      (await readdir(dataDir, { recursive: true })).some((name) => /[0-9a-f]{64}$/.test(name)),
    )
    process.kill(pid!, 'SIGKILL')
    await waitFor(() => instance()?.id !== before.id || instance()?.state !== 'ready')
    const after = await ready()
    expect(after.id).not.toBe(before.id)
    const response = await fetch(`http://127.0.0.1:${after.port}/_millrace/image?src=/x.jpg&w=640`, {
      headers: { accept: 'image/avif,*/*' },
    })
    expect(response.headers.get('x-image-result')).toBe('disk')
    expect(part.status()[0]).toMatchObject({ state: 'ready', restarts: 1 })
  })
})

describe('actions', () => {
  it('optimise a picture and say what was saved', async () => {
    await ready()
    await withService(async (service) => {
      const { optimize } = assetsActions
      const input = optimize.input.parse({ src: '/x.jpg', width: 640 })
      const output = optimize.output.parse(await optimize.run(service, input, actionContext))
      expect(output).toMatchObject({
        format: 'avif',
        width: 640,
        originalBytes: picture.byteLength,
        url: expect.stringMatching(/^\/_millrace\/image\?src=\/x\.jpg&w=640&v=[0-9a-f]{8}$/),
      })
      expect((output as { saved: number }).saved).toBeGreaterThan(0.5)
    })
  })

  it('go on with a batch when one of it fails', async () => {
    await withService(async (service) => {
      const { optimize } = assetsActions
      const input = optimize.input.parse({
        images: [{ src: '/bad.jpg' }, { src: '/x.jpg', options: { width: 64, format: 'webp' } }],
      })
      expect(await optimize.run(service, input, actionContext)).toMatchObject({
        images: [
          { src: '/bad.jpg', error: { code: 'ASSETS_NOT_AN_IMAGE', status: 422 } },
          { src: '/x.jpg', format: 'webp', width: 64 },
        ],
      })
      expect(optimize.input.safeParse({}).success).toBe(false)
      expect(optimize.input.safeParse({ src: '/x.jpg', images: [{ src: '/x.jpg' }] }).success).toBe(false)
    })
  })

  it('make a responsive set of real files, cropped to a ratio', async () => {
    await withService(async (service) => {
      const { responsive } = assetsActions
      const input = responsive.input.parse({
        src: '/x.jpg',
        aspectRatio: '16/9',
        maxWidth: 640,
        format: 'webp',
        alt: 'An "aircraft"',
      })
      const set = responsive.output.parse(await responsive.run(service, input, actionContext))
      expect(set.images.map(({ width }) => width)).toEqual([128, 256, 384, 640])
      expect(set.aspectRatio).toBeCloseTo(16 / 9, 1)
      expect(set.srcset).toContain(' 640w')
      expect(set.html).toContain('alt="An &quot;aircraft&quot;"')
      expect(set.html).toContain('loading="lazy"')
      expect(set.placeholder).toMatch(/^data:image\/webp;base64,/)
      expect(set.placeholder!.length).toBeLessThan(1_000)
      const { port } = await ready()
      const response = await fetch(`http://127.0.0.1:${port}${set.images[0]!.url}`)
      expect((await response.arrayBuffer()).byteLength).toBe(set.images[0]!.bytes)
    })
  })

  it('provide the port, and keep answers in the cache where there is one', async () => {
    await withService(async (service) => {
      let loads = 0
      service.ports.provide('cache', {
        get: () => Promise.resolve(undefined),
        set: () => Promise.resolve(),
        getOrSet: (_namespace, _id, load) => {
          loads++
          return load(new AbortController().signal)
        },
        delete: () => Promise.resolve(false),
        invalidateTags: () => Promise.resolve(0),
        clear: () => Promise.resolve(),
      })
      const image: OptimizedImage = await service.ports
        .get('imageOptimizer')
        .optimize('/x.jpg', { width: 64 })
      expect([image.format, image.width, loads]).toEqual(['avif', 64, 1])
      expect((await capability.health(service)).state).toBe('healthy')
    })
  })

  it('say so when there is no supervisor', async () => {
    await using test = await createTestContext(capability)
    const service = await capability.create(test.context)
    await expect(service.optimize('/x.jpg', {})).rejects.toMatchObject({ code: 'CORE_RUNTIME_UNAVAILABLE' })
    expect((await capability.health(service)).state).toBe('failed')
    await capability.dispose(service)
  })
})
