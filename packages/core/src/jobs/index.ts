export * from './postgres.ts'
export * from './queue.ts'
export * from './redis.ts'
