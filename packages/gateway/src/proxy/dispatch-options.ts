import type { Dispatcher } from 'undici'
import type { Backend } from '../pools/backend.ts'
import type { Exchange } from './exchange.ts'
import type { RequestBody } from './request-body.ts'

/** An exchange's request as undici sends it to a backend. */
export const dispatchOptions = (
  { path, method, outgoing, upgrade, req }: Exchange,
  backend: Backend,
  body: RequestBody | undefined,
): Dispatcher.DispatchOptions =>
  ({
    path,
    method: method as Dispatcher.HttpMethod,
    headers: outgoing as string[],
    body: body ?? null,
    upgrade: upgrade ? 'websocket' : null,
    // An event stream may be silent for as long as nothing happens; the visitor's connection ends it.
    ...(req.headers.accept?.includes('text/event-stream') === true ? { bodyTimeout: 0 } : undefined),
    // Otherwise undici would derive one from the visitor's Host, which is not what the backend's certificate names.
    servername: backend.host,
  }) as Dispatcher.DispatchOptions
