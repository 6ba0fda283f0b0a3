import { envNames, metaOf } from '../config/schema-tree.ts'
import { redisSettings, redisTopology, type RedisSettings } from './settings.ts'

/**
 * The environment variables from which `settingsFromEnvironment` reads these settings again: for processes that are
 * started on somebody's behalf. Defaults are left out; Redis switched off is said, and none named is nothing.
 */
export function redisVariables(settings: RedisSettings): Record<string, string> {
  if (redisTopology(settings) === undefined) return settings.enabled ? {} : { REDIS_ENABLED: 'false' }
  const variables: Record<string, string> = {}
  const defaults: Record<string, unknown> = redisSettings.parse({})
  for (const [key, value] of Object.entries(settings) as [keyof RedisSettings, unknown][]) {
    const [name] = envNames(metaOf(redisSettings.shape[key]))
    if (name === undefined || value === undefined || value === defaults[key]) continue
    variables[name] = Array.isArray(value) ? value.join(',') : String(value as string | number | boolean)
  }
  return variables
}
