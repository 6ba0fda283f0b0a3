import { z } from 'zod'
import type { Invalidation, Notice, Version } from '../driver.ts'

const invalidation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('keys'), keys: z.array(z.string()) }),
  z.object({ kind: z.literal('stamps'), names: z.array(z.string()) }),
  z.object({ kind: z.literal('pattern'), pattern: z.string() }),
])

export const encodeInvalidation = (what: Invalidation): string => JSON.stringify(what)

export interface LogEntry {
  /** The entry before it in the log. */
  previous: Version
  version: Version
  /** Undefined: it cannot be read. */
  notice: Notice | undefined
}

/** What `XREAD` and `XRANGE` return of one entry: its identifier, and names and values in turn. */
export type StreamEntry = [id: string, fields: string[]]

const PATTERN = encodeInvalidation({ kind: 'pattern', pattern: '' }).slice(0, '{"kind":"pattern"'.length)

/** Whether an entry is worth decoding for who looks for patterns only: a log has thousands of others. */
export const isPattern = ([, fields]: StreamEntry): boolean =>
  fields.some((field) => field.startsWith(PATTERN))

export function decodeEntry([id, fields]: StreamEntry): LogEntry {
  const version = Number.parseInt(id, 10)
  const values = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) values.set(fields[i]!, fields[i + 1]!)
  const what = decodeInvalidation(values.get('w') ?? '')
  const origin = values.get('o')
  return {
    previous: Number(values.get('p') ?? Number.NaN),
    version,
    notice: what === undefined || origin === undefined ? undefined : { version, origin, what },
  }
}

function decodeInvalidation(text: string): Invalidation | undefined {
  try {
    return invalidation.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
