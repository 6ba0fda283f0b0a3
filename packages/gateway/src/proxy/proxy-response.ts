import { ServerResponse } from 'node:http'
import type { Exchange } from './exchange.ts'
import type { VisitorResponse } from './visitor.ts'

/** What node:http makes for each request. */
export class ProxyResponse extends ServerResponse implements VisitorResponse {
  exchange: Exchange | undefined = undefined
}

export function onResponseClose(this: VisitorResponse): void {
  this.exchange?.visitorClosed()
}

export function onResponseDrain(this: VisitorResponse): void {
  this.exchange?.visitorDrained()
}
