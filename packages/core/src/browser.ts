export type * from './capability/action.ts'
