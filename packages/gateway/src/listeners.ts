import type { z } from 'zod'

const ANY = new Set(['', '0.0.0.0', '::'])

interface Listener {
  setting: readonly string[]
  host: string
  port: number
}

interface ListenerSettings {
  host: string
  port: number
  tls: { enabled: boolean; port: number }
  front: { kind: string; host: string; port: number }
}

/** Where visitors are listened for: the port for HTTP, and those for HTTPS and the front where they are on. */
function listenersOf({ host, port, tls, front }: ListenerSettings): Listener[] {
  return [
    { setting: ['port'], host, port },
    ...(tls.enabled ? [{ setting: ['tls', 'port'], host, port: tls.port }] : []),
    ...(front.kind === 'none' ? [] : [{ setting: ['front', 'port'], host: front.host, port: front.port }]),
  ]
}

/** Refuses two listeners on one port of one address. 0 is a free port, each time another. */
export function checkListeners(settings: ListenerSettings, context: z.RefinementCtx): void {
  const listeners = listenersOf(settings)
  for (const [at, one] of listeners.entries()) {
    const other = listeners.slice(0, at).find((former) => collide(former, one))
    if (other === undefined) continue
    context.addIssue({
      code: 'custom',
      path: [...one.setting],
      message: `${one.port} is the port of gateway.${other.setting.join('.')} as well: choose another`,
    })
  }
}

const collide = (one: Listener, other: Listener): boolean =>
  one.port === other.port &&
  one.port !== 0 &&
  (one.host === other.host || ANY.has(one.host) || ANY.has(other.host))
