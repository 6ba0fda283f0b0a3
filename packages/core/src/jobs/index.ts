export * from './postgres.ts'
export * from './queue.ts'
