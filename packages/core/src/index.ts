export * from './capability/action.ts'
export * from './capability/capability.ts'
export * from './capability/context.ts'
export * from './capability/discover.ts'
export * from './capability/health.ts'
export * from './capability/order.ts'
export * from './capability/recommendation.ts'
export * from './capability/route.ts'
export * from './clock/clock.ts'
export { CONFIG_FILE_NAMES, findConfigFile, readListedCapabilities } from './config/file.ts'
export * from './config/describe.ts'
export * from './config/load.ts'
export { nearest } from './config/nearest.ts'
export * from './config/platform.ts'
export type { ConfigProblem } from './config/problems.ts'
export { coerceText, type Coerced } from './config/coerce.ts'
export {
  formatPath,
  isPlainObject,
  leavesOf,
  metaOf,
  schemaAt,
  settingNodes,
  type SettingMeta,
} from './config/schema-tree.ts'
export * from './errors/error.ts'
export * from './errors/errors.ts'
export * from './errors/problem.ts'
export * from './events/bus.ts'
export * from './host/channel.ts'
export * from './host/host.ts'
export * from './host/link.ts'
export * from './host/ports.ts'
export * from './jobs/queue.ts'
export * from './lifecycle/backoff.ts'
export type { AnyContext, CapabilityStatus, LifecycleState } from './lifecycle/runner.ts'
export * from './lifecycle/start.ts'
export * from './logger/logger.ts'
export * from './ports/cache.ts'
export * from './ports/image-optimizer.ts'
export * from './ports/metric.ts'
export * from './ports/performance.ts'
export * from './ports/ports.ts'
export * from './ports/scale-target.ts'
