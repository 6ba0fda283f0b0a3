import { join } from 'node:path'
import { WORKER_V8_FLAGS } from '@millrace/gateway'
import { saturated, SERVER_CPU } from '../load/saturated.ts'
import { startNodeProgram } from '../node-program.ts'
import { startNginxCache } from '../peers/nginx.ts'
import { startVarnish } from '../peers/varnish.ts'

export const benchmark = saturated({
  name: 'gateway-cache',
  title: 'Hits in the HTTP cache, one worker',
  cacheControl: 'max-age=3600',
  contenders: [
    {
      name: 'millrace',
      ours: true,
      start: (upstream) =>
        startNodeProgram('./peers/millrace-cache.ts', upstream, SERVER_CPU, WORKER_V8_FLAGS),
    },
    {
      name: 'nginx',
      start: (upstream, { dir }) => startNginxCache(join(dir, 'nginx-cache'), SERVER_CPU, upstream),
    },
    {
      name: 'varnish',
      start: (upstream, { dir }) => startVarnish(join(dir, 'varnish'), SERVER_CPU, upstream),
    },
  ],
})
