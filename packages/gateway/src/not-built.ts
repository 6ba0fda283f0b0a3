import type { GatewayConfig } from './config.ts'

/** Settings that are accepted because documentation names them, but that this version has no feature for. */
export function settingsWithoutFeature(config: GatewayConfig): string[] {
  const found: string[] = []
  const { autoScaling } = config
  const set = (group: object): boolean =>
    Object.values(group).some((value) => value !== undefined && value !== false)
  if (set(autoScaling)) {
    found.push(
      'gateway.autoScaling (LOAD_BALANCER_AUTO_SCALING_SCALE_*): automatic scaling is not in this version; set applications.<name>.instances',
    )
  }
  return found
}
