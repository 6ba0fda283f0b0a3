import { join } from 'node:path'
import { saturated, SERVER_CPU } from '../load/saturated.ts'
import { startNodeProgram } from '../node-program.ts'
import { startNginxCache } from '../peers/nginx.ts'

const onNode = (kind: string) => () => startNodeProgram('./peers/cached-response.ts', kind, SERVER_CPU)

export const benchmark = saturated({
  name: 'cache-http',
  title: 'Cached responses on bare node:http, one process',
  cacheControl: 'max-age=3600',
  contenders: [
    { name: 'millrace', ours: true, start: onNode('millrace') },
    { name: 'bare Map', start: onNode('map') },
    { name: 'bentocache', start: onNode('bentocache') },
    { name: 'bentocache, references', start: onNode('bentocache-references') },
    {
      name: 'nginx',
      start: (upstream, { dir }) => startNginxCache(join(dir, 'nginx-cache'), SERVER_CPU, upstream),
    },
  ],
})
