/** A message as one of the parsers read it. */
export interface Message {
  /** Of a request: method, target, minor version. Of a response: status, reason, minor version. */
  line: string
  pairs: readonly string[]
  body: string
  complete: boolean
  /** The bytes behind it are no HTTP. */
  tunnel: boolean
  /** The connection may carry another message. */
  keep: boolean
  /** Of a response. */
  trailers: readonly string[]
}

/** What became of some bytes. */
export interface Reading {
  messages: Message[]
  /** Why the rest was refused; undefined: it was not, or more could come. */
  refused: string | undefined
}

const token = (pairs: readonly string[], name: string, value: string): boolean =>
  pairs.some(
    (pair, i) =>
      i % 2 === 0 &&
      pair.toLowerCase() === name &&
      pairs[i + 1]!.toLowerCase()
        .split(',')
        .some((part) => part.trim() === value),
  )

/** Whether what follows a message is not read as another one: each implementation has its own way not to. */
export const isLast = ({ line, pairs, tunnel }: Message): boolean =>
  tunnel ||
  token(pairs, 'connection', 'close') ||
  token(pairs, 'connection', 'upgrade') ||
  token(pairs, 'proxy-connection', 'close') ||
  token(pairs, 'proxy-connection', 'upgrade') ||
  (line.endsWith(' 0') && !token(pairs, 'connection', 'keep-alive'))

/** What comes behind it ends the connection, in either implementation. */
const isResponse = ({ line }: Message): boolean => /^[2-9]\d\d /.test(line)

export type Verdict =
  | { kind: 'same' }
  /** Refused by ours only, by this rule. */
  | { kind: 'stricter'; rule: string }
  /** Refused by llhttp; ours waits for more of it. */
  | { kind: 'later' }
  | { kind: 'wrong'; why: string }

const SAME: Verdict = { kind: 'same' }

const head = ({ line, pairs, tunnel }: Message): string => JSON.stringify([line, pairs, tunnel])

/**
 * Compares what ours and llhttp have read. Ours may refuse more. It must not read anything that llhttp refuses, and what
 * both read must be the same: first line, fields, body, and where the next message begins.
 */
export function compare(ours: Reading, theirs: Reading): Verdict {
  const count = Math.max(ours.messages.length, theirs.messages.length)
  for (let i = 0; i < count; i++) {
    const own = ours.messages[i]
    const their = theirs.messages[i]
    if (own === undefined) {
      if (ours.refused !== undefined) return { kind: 'stricter', rule: ours.refused }
      return { kind: 'wrong', why: `ours has no message ${i}, llhttp has` }
    }
    if (their === undefined) {
      const how = theirs.refused === undefined ? 'waits' : `refuses it: ${theirs.refused}`
      return { kind: 'wrong', why: `ours reads message ${i}, llhttp ${how}` }
    }
    if (head(own) !== head(their)) return { kind: 'wrong', why: `message ${i} is read differently` }
    // Node forgets to say that a body has ended when what follows looks like HTTP/2.
    const complete = their.complete || i + 1 < theirs.messages.length
    if (own.complete !== complete) {
      if (!own.complete && ours.refused !== undefined) return { kind: 'stricter', rule: ours.refused }
      return { kind: 'wrong', why: `message ${i} is complete for ${own.complete ? 'ours' : 'llhttp'} only` }
    }
    if (own.complete && own.body !== their.body)
      return { kind: 'wrong', why: `the body of message ${i} differs` }
    if (own.complete && JSON.stringify(own.trailers) !== JSON.stringify(their.trailers))
      return { kind: 'wrong', why: `the trailers of message ${i} differ` }
    if (own.complete && own.keep && !their.keep && !isLast(own))
      return { kind: 'wrong', why: `ours reads on behind message ${i}, llhttp does not` }
    if (own.complete && (isLast(own) || isResponse(own))) return SAME
  }
  if (ours.refused !== undefined && theirs.refused === undefined)
    return { kind: 'stricter', rule: ours.refused }
  // A head that is not complete: ours has not accepted it, and will be asked again when its end comes.
  if (ours.refused === undefined && theirs.refused !== undefined) return { kind: 'later' }
  return SAME
}
