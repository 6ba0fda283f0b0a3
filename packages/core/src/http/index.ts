export { isPublicAddress } from './address.ts'
export { hostMatcher, type HostMatcher } from './allow-list.ts'
export type { Lookup } from './guarded-connector.ts'
export * from './outgoing.ts'
