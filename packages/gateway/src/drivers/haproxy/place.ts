import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { EngineConfig } from '../../config.ts'
import { openFilesLimit, visitorsWithin } from '../../proxy/descriptor-limit.ts'
import type { Place } from './configuration.ts'
import { workerUser } from './program.ts'
import { quote } from './quote.ts'
import { CERTIFICATE_LIST, TICKET_KEYS } from './secure-bind.ts'

/** Descriptors that HAProxy needs beside those of visitors and backends, in pairs. */
const OWN_CONNECTIONS = 192

/** Throws GATEWAY_HAPROXY_VALUE_INVALID for a directory that no configuration can name. */
export function placeIn(
  directory: string,
  given: { host: string; port: number; tlsPort?: number; threads: number | undefined; observeEvery: number },
  { limits }: EngineConfig,
): Place {
  const user = workerUser()
  const files = {
    script: join(directory, 'gateway.lua'),
    routes: join(directory, 'routes.map'),
    splits: join(directory, 'splits.map'),
    sessions: join(directory, 'sessions.map'),
    documents: join(directory, 'documents.map'),
    certificates: join(directory, CERTIFICATE_LIST),
    tickets: join(directory, TICKET_KEYS),
  }
  for (const file of Object.values(files)) quote(file, 'directory')
  const connections = Math.min(limits.connections, visitorsWithin(openFilesLimit()) - OWN_CONNECTIONS)
  return {
    ...given,
    threads: given.threads ?? availableParallelism(),
    connections: Math.max(1, connections),
    files,
    ...(user === undefined ? {} : { user }),
  }
}
