import { createHash } from 'node:crypto'

/** A stored result: what is known of it, and its bytes. */
export interface StoredRecord {
  facts: Record<string, string | number | boolean | null>
  body: Buffer
}

const MAGIC = 'millrace-record 1'

const hash = (...parts: (string | Buffer)[]): string => {
  const sha = createHash('sha256')
  for (const part of parts) sha.update(part)
  return sha.digest('hex')
}

/** First line: format and version, the hash of all that follows it, the length of the facts in bytes. */
export function encodeRecord({ facts, body }: StoredRecord): Buffer {
  const json = Buffer.from(JSON.stringify(facts))
  const head = Buffer.from(`${MAGIC} ${hash(json, body)} ${json.byteLength}\n`)
  return Buffer.concat([head, json, body])
}

/** Undefined unless every byte is as it was written. */
export function decodeRecord(content: Buffer): StoredRecord | undefined {
  const end = content.subarray(0, 200).indexOf(0x0a)
  const match = /^millrace-record 1 ([0-9a-f]{64}) (\d{1,9})$/.exec(
    content.toString('latin1', 0, Math.max(0, end)),
  )
  if (match === null) return undefined
  const rest = content.subarray(end + 1)
  if (hash(rest) !== match[1]) return undefined
  const length = Number(match[2])
  return {
    facts: JSON.parse(rest.toString('utf8', 0, length)) as StoredRecord['facts'],
    body: rest.subarray(length),
  }
}
