export * from './members.ts'
export * from './pictures.ts'
export * from './random.ts'
