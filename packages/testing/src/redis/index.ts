export * from './cluster.ts'
export * from './sentinel.ts'
export type { RedisProcess } from './server.ts'
export { testRedis, type RedisTestSettings, type TestRedis } from './single.ts'
