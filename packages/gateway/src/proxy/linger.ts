import type { VisitorRequest } from './visitor.ts'

const LINGER_MS = 2_000

/**
 * After a request was refused while its body is still coming: reads and drops it for a moment, so that the visitor
 * can read the answer before the connection is cut (a close with unread data would reset it).
 */
export function linger(req: VisitorRequest): void {
  if (req.complete || !announcesBody(req)) return
  req.resume()
  const timer = setTimeout(() => (req.stream ?? req.socket).destroy(), LINGER_MS)
  timer.unref()
  req.once('end', () => clearTimeout(timer))
  req.once('close', () => clearTimeout(timer))
}

const announcesBody = ({ headers }: VisitorRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
