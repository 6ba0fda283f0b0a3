import { z } from 'zod'
import type { Invalidation, Notice } from './driver.ts'

/** PostgreSQL takes 7,999 bytes in a notification. */
const MAX_BYTES = 7_900

const strings = z.array(z.string()).min(1)
const message = z.object({
  cache: z.string(),
  origin: z.string(),
  version: z.number().nonnegative(),
  what: z.union([
    z.object({ kind: z.literal('keys'), keys: strings }),
    z.object({ kind: z.literal('stamps'), names: strings }),
    z.object({ kind: z.literal('pattern'), pattern: z.string() }),
  ]),
})

export type NoticeMessage = Notice & { cache: string }

/** As many messages as it takes. What is too long for one by itself becomes something larger that is said shorter. */
export function encodeNotices(notice: NoticeMessage): string[] {
  const { what } = notice
  const whole = JSON.stringify(notice)
  if (Buffer.byteLength(whole) <= MAX_BYTES) return [whole]
  const say = (part: Invalidation): string[] => encodeNotices({ ...notice, what: part })
  if (what.kind === 'pattern') return say({ kind: 'stamps', names: ['*'] })
  const items = what.kind === 'keys' ? what.keys : what.names
  if (items.length > 1) {
    const middle = items.length >> 1
    return [items.slice(0, middle), items.slice(middle)].flatMap((half) =>
      say(what.kind === 'keys' ? { kind: 'keys', keys: half } : { kind: 'stamps', names: half }),
    )
  }
  const [item = ''] = items
  const namespace = item.slice(0, item.indexOf(':'))
  const wider = what.kind === 'keys' && namespace.length < 1_000 ? `n:${namespace}` : '*'
  return say({ kind: 'stamps', names: [wider] })
}

/** Undefined: not for this cache. Anybody who may enter the database may say something on the channel. */
export function decodeNotice(payload: string, cache: string): Notice | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    return undefined
  }
  const read = message.safeParse(parsed)
  if (!read.success || read.data.cache !== cache) return undefined
  const { version, origin, what } = read.data
  return { version, origin, what }
}
