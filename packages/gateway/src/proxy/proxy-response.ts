import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Exchange } from './exchange.ts'

/** Knows its exchange, so that event listeners are shared functions instead of closures per request. */
export class ProxyResponse extends ServerResponse {
  exchange: Exchange | undefined = undefined
}

export type ProxyRequest = IncomingMessage

export function onResponseClose(this: ProxyResponse): void {
  this.exchange?.visitorClosed()
}

export function onResponseDrain(this: ProxyResponse): void {
  this.exchange?.visitorDrained()
}
