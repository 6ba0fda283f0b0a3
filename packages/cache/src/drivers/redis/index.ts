export { createRedisStore, type RedisStoreOptions } from './store.ts'
export { redisKeyspaces, type RedisKeyspaces } from './keyspaces.ts'
