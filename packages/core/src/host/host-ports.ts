import type { HostPortMap, HostPorts, ServiceRoute } from './ports.ts'

/** The ports through which host parts meet: one per supervisor. */
export function createHostPorts(): HostPorts {
  const provided: { [Name in keyof HostPortMap]: HostPortMap[Name][] } = {
    instances: [],
    traffic: [],
    httpCache: [],
    sharedCache: [],
  }
  const routes: ServiceRoute[] = []
  const listeners = new Set<() => void>()
  return {
    provide: (name, implementation) => void provided[name].push(implementation),
    all: (name) => provided[name],
    find: (name) => provided[name][0],
    addRoute: (route) => {
      routes.push(route)
      for (const listener of listeners) listener()
    },
    routes: () => routes,
    onRoutes: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
