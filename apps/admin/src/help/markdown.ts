/** The part of CommonMark that our own guide uses, as data: text is never turned into HTML. */

export type Inline =
  { kind: 'text' | 'code' | 'strong'; text: string } | { kind: 'link'; text: string; href: string }

export type Block =
  | { kind: 'heading'; level: number; content: Inline[] }
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g

export function parseInline(text: string): Inline[] {
  const parts: Inline[] = []
  let end = 0
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    const [whole, code, strong, label, href] = match
    if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong })
    else parts.push({ kind: 'link', text: label!, href: href! })
    end = match.index + whole.length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}

const ITEM = /^(?:[-*]|(\d+)\.)\s+/
const cells = (line: string): Inline[][] =>
  line
    .replaceAll(/^\||\|$/g, '')
    .split('|')
    .map((cell) => parseInline(cell.trim()))

/** Lines from `start` while they belong together; indented or plain lines continue an item or a paragraph. */
function take(lines: readonly string[], start: number, belongs: (line: string) => boolean): string[] {
  let end = start
  while (end < lines.length && belongs(lines[end]!)) end++
  return lines.slice(start, end)
}

const starts = (line: string): boolean => /^(#{1,6} |```|\|)/.test(line) || ITEM.test(line)

function listItems(lines: readonly string[]): Inline[][] {
  const items: string[] = []
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ''))
    else items.push(`${items.pop() ?? ''} ${line.trim()}`)
  }
  return items.map(parseInline)
}

export function parseMarkdown(source: string): Block[] {
  const lines = source.split(/\r?\n/)
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at]!
    const heading = /^(#{1,6}) (.*)$/.exec(line)
    if (line.trim() === '') at++
    else if (heading !== null) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, content: parseInline(heading[2]!) })
      at++
    } else if (line.startsWith('```')) {
      const body = take(lines, at + 1, (next) => !next.startsWith('```'))
      blocks.push({ kind: 'code', text: body.join('\n') })
      at += body.length + 2
    } else if (line.startsWith('|')) {
      const [head, , ...rows] = take(lines, at, (next) => next.startsWith('|'))
      blocks.push({ kind: 'table', head: cells(head!), rows: rows.map(cells) })
      at += rows.length + 2
    } else if (ITEM.test(line)) {
      const body = take(lines, at, (next) => next.trim() !== '' && (ITEM.test(next) || !starts(next)))
      blocks.push({ kind: 'list', ordered: /^\d/.test(line), items: listItems(body) })
      at += body.length
    } else {
      const body = take(lines, at, (next) => next.trim() !== '' && !starts(next))
      blocks.push({ kind: 'paragraph', content: parseInline(body.join(' ')) })
      at += body.length
    }
  }
  return blocks
}
