export * from './declare.ts'
export * from './histogram.ts'
export * from './registry.ts'
