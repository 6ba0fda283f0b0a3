export * from './capability/action.ts'
export * from './capability/capability.ts'
export * from './capability/context.ts'
export * from './capability/discover.ts'
export * from './capability/health.ts'
export * from './capability/order.ts'
export * from './capability/recommendation.ts'
export * from './capability/route.ts'
export * from './clock/backoff.ts'
export * from './clock/clock.ts'
export { CONFIG_FILE_NAMES, findConfigFile, readListedCapabilities } from './config/file.ts'
export * from './config/describe.ts'
export * from './config/load.ts'
export { nearest } from './config/nearest.ts'
export { applicationDiscover, type ApplicationDiscover } from './config/application-discover.ts'
export type { ApplicationRoute, CanarySettings } from './config/application-route.ts'
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
export { SHARED_EVENTS } from './events/messages.ts'
export * from './events/redis.ts'
export * from './host/channel.ts'
export * from './host/host.ts'
export * from './host/host-ports.ts'
export * from './host/instance-board.ts'
export * from './host/link.ts'
export * from './host/ports.ts'
export * from './jobs/queue.ts'
export { settlesWithin } from './lifecycle/deadline.ts'
export type { AnyContext, CapabilityStatus, LifecycleState } from './lifecycle/runner.ts'
export * from './lifecycle/start.ts'
export * from './logger/forward-log.ts'
export * from './logger/logger.ts'
export * from './ports/cache.ts'
export * from './ports/http-cache.ts'
export * from './ports/image-optimizer.ts'
export * from './ports/metric.ts'
export * from './ports/performance.ts'
export * from './ports/ports.ts'
export * from './ports/purger.ts'
export * from './ports/scale-target.ts'
export * from './ports/shared-cache.ts'
export { redisVariables } from './redis/environment.ts'
export {
  redisSettings,
  redisTopology,
  settingsFromEnvironment,
  type RedisSettings,
  type RedisTopology,
} from './redis/settings.ts'
