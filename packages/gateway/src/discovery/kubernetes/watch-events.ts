import { StringDecoder } from 'node:string_decoder'
import { z } from 'zod'
import { endpointSlice, type EndpointSlice } from './endpoint-slices.ts'

/** An EndpointSlice has at most 1,000 endpoints, which are less. */
const LINE_LENGTH = 8_388_608

/** What was known is too old to be continued: everything is listed again. */
export class ExpiredError extends Error {}

const event = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: endpointSlice }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }),
  }),
  z.object({
    type: z.literal('ERROR'),
    object: z.object({ code: z.number().optional(), message: z.string().optional() }),
  }),
])

/** Batches of whole lines as they arrive. Throws an Error when one is too long. */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop()!
    if (rest.length > LINE_LENGTH) throw new Error(`an event has more than ${LINE_LENGTH} characters`)
    const whole = lines.filter((line) => line.trim() !== '')
    if (whole.length > 0) yield whole
  }
}

/**
 * Applies one line of a watch to what is known, and returns the version to continue from. Throws ExpiredError for 410 Gone, an
 * Error for any other failure that the server reports, and zod's for what is no event.
 */
export function applyEvent(line: string, slices: Map<string, EndpointSlice>): string | undefined {
  const { type, object } = event.parse(JSON.parse(line))
  if (type === 'ERROR') {
    if (object.code === 410) throw new ExpiredError(object.message)
    throw new Error(`the watch failed: ${object.code ?? ''} ${object.message ?? ''}`.trim())
  }
  // Nothing but the version has changed.
  if (type === 'BOOKMARK') return object.metadata.resourceVersion
  if (type === 'DELETED') slices.delete(object.metadata.name)
  else slices.set(object.metadata.name, object)
  return object.metadata.resourceVersion
}
