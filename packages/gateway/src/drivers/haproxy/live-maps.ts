import type { EngineConfig } from '../../config.ts'
import type { GatewayTable } from '../driver.ts'
import type { Files } from './configuration.ts'
import { routeKinds, routesMap } from './routes-map.ts'
import { hasSessions, sessionsMap } from './session-keys.ts'
import { splitsMap } from './split-map.ts'

/** The maps that change while HAProxy runs, by their files: routes, shares of splits, backends of sessions. */
export const liveMaps = (
  table: GatewayTable,
  config: EngineConfig,
  files: Files,
  drained: ReadonlySet<string>,
): Map<string, Map<string, string>> =>
  new Map([
    [files.routes, routesMap(table)],
    ...(routeKinds(table).splits ? [[files.splits, splitsMap(table)] as const] : []),
    ...(hasSessions(table) ? [[files.sessions, sessionsMap(table, config, drained)] as const] : []),
  ])
