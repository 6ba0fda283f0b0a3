import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WORKER_V8_FLAGS } from '@millrace/gateway'
import { MissingPeer, type Contender } from '../benchmark.ts'
import { SERVER_CPU } from '../load/saturated.ts'
import { startNodeProgram } from '../node-program.ts'
import { startHaproxy } from './haproxy.ts'
import { startNginxProxy } from './nginx.ts'

/** A program of `src/peers` that gets its port and the upstream's address. */
const program = (name: string, file: string, flags: readonly string[] = []): Contender<string> => ({
  name,
  start: (upstream) => startNodeProgram(file, upstream, SERVER_CPU, flags),
})

const PLATFORMATIC = '../peers/platformatic'

/** Too many packages to install for everybody: it has a tree of its own. */
const platformatic: Contender<string> = {
  name: '@platformatic/gateway',
  start: (upstream) => {
    const folder = fileURLToPath(new URL(`../${PLATFORMATIC}`, import.meta.url))
    if (!existsSync(join(folder, 'node_modules')))
      throw new MissingPeer('npm ci --ignore-scripts --prefix bench/peers/platformatic installs it')
    return startNodeProgram(`${PLATFORMATIC}/gateway.mjs`, upstream, SERVER_CPU)
  },
}

/** Ours, with either parser of HTTP/1.1, and its peers, each with one worker on a CPU of its own, in front of one upstream. */
export const proxies: readonly Contender<string>[] = [
  { ...program('millrace', './peers/millrace.ts', WORKER_V8_FLAGS), ours: true },
  program('millrace (strict)', './peers/millrace-wire.ts', WORKER_V8_FLAGS),
  program('http-proxy-3', './peers/http-proxy-3.ts'),
  program('fast-proxy', './peers/fast-proxy.ts'),
  program('@fastify/http-proxy', './peers/fastify-http-proxy.ts'),
  platformatic,
  {
    name: 'nginx',
    start: (upstream, { dir }) => startNginxProxy(join(dir, 'nginx-proxy'), SERVER_CPU, upstream),
  },
  {
    name: 'haproxy',
    start: (upstream, { dir }) => startHaproxy(join(dir, 'haproxy'), SERVER_CPU, upstream),
  },
]
