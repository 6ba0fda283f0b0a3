export * from './embedded.ts'
export * from './errors.ts'
export * from './migrate.ts'
export * from './pool.ts'
