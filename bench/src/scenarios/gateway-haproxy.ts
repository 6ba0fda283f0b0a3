import { join } from 'node:path'
import { saturated, SERVER_CPU } from '../load/saturated.ts'
import { startNodeProgram } from '../node-program.ts'
import { startHaproxy } from '../peers/haproxy.ts'

/** The engine haproxy, Node beside it included, and HAProxy with a configuration of twenty lines written by hand. */
export const benchmark = saturated({
  name: 'gateway-haproxy',
  title: 'Gateway with the engine haproxy, one thread',
  contenders: [
    {
      name: 'millrace-haproxy',
      ours: true,
      start: (upstream) => startNodeProgram('./peers/millrace-haproxy.ts', upstream, SERVER_CPU),
    },
    {
      name: 'haproxy',
      start: (upstream, { dir }) => startHaproxy(join(dir, 'haproxy'), SERVER_CPU, upstream),
    },
  ],
})
