export type { DriverHarness, DriverSettings } from './harness.ts'
export * from './suite.ts'
