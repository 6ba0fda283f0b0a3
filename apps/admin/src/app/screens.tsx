import { lazy, type ComponentType, type LazyExoticComponent } from 'react'

type Screen = LazyExoticComponent<ComponentType>

/** Each screen is its own chunk: the entry holds the frame only. */
const screen = (load: () => Promise<ComponentType>): Screen => lazy(async () => ({ default: await load() }))

/** The tabs that are built, by `<section>/<tab>`. Every other tab of the navigation shows its plan. */
export const TAB_SCREENS: Readonly<Record<string, Screen>> = {
  'performance/overview': screen(
    async () => (await import('../dashboards/performance/overview.tsx')).PerformanceOverview,
  ),
  'performance/caching': screen(
    async () => (await import('../dashboards/performance/caching.tsx')).PerformanceCaching,
  ),
  'performance/api': screen(async () => (await import('../dashboards/performance/api.tsx')).PerformanceApi),
  'gateway/overview': screen(
    async () => (await import('../dashboards/gateway/overview.tsx')).GatewayOverview,
  ),
  'gateway/pools': screen(async () => (await import('../dashboards/gateway/pools.tsx')).GatewayPools),
  'gateway/splits': screen(async () => (await import('../dashboards/gateway/splits.tsx')).GatewaySplits),
  'gateway/connections': screen(
    async () => (await import('../dashboards/gateway/connections.tsx')).GatewayConnections,
  ),
  'gateway/requests': screen(
    async () => (await import('../dashboards/gateway/requests.tsx')).GatewayRequests,
  ),
  'gateway/explain': screen(async () => (await import('../dashboards/gateway/explain.tsx')).GatewayExplain),
  'scaling/overview': screen(
    async () => (await import('../dashboards/scaling/overview.tsx')).ScalingOverview,
  ),
  'optimization/recommendations': screen(
    async () => (await import('../dashboards/optimization/recommendations.tsx')).Recommendations,
  ),
}

export const ComponentsScreen = screen(
  async () => (await import('../platform/components.tsx')).ComponentsScreen,
)
export const CapabilitiesScreen = screen(
  async () => (await import('../platform/capabilities.tsx')).CapabilitiesScreen,
)
export const AuditScreen = screen(async () => (await import('../platform/audit.tsx')).AuditScreen)
export const AccessScreen = screen(async () => (await import('../platform/access/access.tsx')).AccessScreen)
export const HelpScreen = screen(async () => (await import('../help/help.tsx')).HelpScreen)
export const SettingsScreen = screen(async () => (await import('../platform/settings.tsx')).SettingsScreen)

export const PlannedTab = lazy(async () => ({
  default: (await import('../dashboards/planned.tsx')).PlannedTab,
}))
