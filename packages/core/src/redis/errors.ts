import { defineErrors } from '../errors/error.ts'

/** Errors of connections to Redis. */
export const redisErrors = defineErrors('REDIS', {
  SETTINGS_INVALID: {
    status: 400,
    title: 'Invalid Redis settings',
    message: (d: { problems: string[] }) =>
      `The Redis settings have ${d.problems.length} problem${d.problems.length === 1 ? '' : 's'}:\n${d.problems.map((line) => `  - ${line}`).join('\n')}`,
  },
  NOT_CONFIGURED: {
    status: 400,
    title: 'No Redis is named',
    message: () =>
      'No Redis is named or it is switched off. Set one of REDIS_URL, REDIS_HOST, REDIS_SENTINELS and REDIS_CLUSTER_NODES, and do not set REDIS_ENABLED to false.',
  },
  REFUSED: {
    status: 502,
    title: 'Redis refuses the connection',
    message: (d: { address: string; reason: string }) =>
      `Redis at ${d.address} answers, and refuses: ${d.reason}. Check REDIS_USERNAME, REDIS_PASSWORD, REDIS_DB and whether it is a single server, watched by Sentinels or a Cluster.`,
    expose: true,
  },
  UNAVAILABLE: {
    status: 503,
    title: 'Redis unavailable',
    message: (d: { address: string; reason: string }) =>
      `Redis at ${d.address} cannot be used now: ${d.reason}.`,
    expose: true,
  },
})
