import path from 'node:path'

/** What the checks need of the repository; the test passes a small one of its own. */
export interface Repository {
  root: string
  scripts: ReadonlySet<string>
  /** Exact pinned versions by the name the documents use. */
  versions: Readonly<Record<string, string>>
  exists(file: string): boolean
  read(file: string): string
}

export interface Problem {
  line: number
  message: string
}

const LINK = /\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g
const CODE = /`([^`\n]+)`/g
const NPM_RUN = /npm run ([a-z][\w:-]*)/g
// A path into this repository: begins with a top-level folder and has no blank or placeholder in it.
const REPOSITORY_PATH = /^(?:packages|apps|examples|bench|tests|scripts|docs|templates|deploy)\/[\w./@-]+$/

/** GitHub's anchor of a heading: lower case, punctuation dropped, blanks to hyphens. */
export function anchorOf(heading: string): string {
  return heading
    .replace(/`/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

function anchorsOf(text: string): Set<string> {
  const headings = text.matchAll(/^#{1,6}\s+(.+)$/gm)
  return new Set([...headings].map((match) => anchorOf(match[1]!)))
}

/** Lines outside fenced blocks, with their one-based numbers; fenced lines too when asked. */
function* proseLines(text: string): Generator<[number, string, boolean]> {
  let fenced = false
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced
    else yield [index + 1, line, fenced]
  }
}

function linkProblem(repository: Repository, file: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined
  const [relative = '', anchor] = target.split('#')
  const resolved =
    relative === ''
      ? file
      : relative.startsWith('/')
        ? path.join(repository.root, relative)
        : path.resolve(path.dirname(file), relative)
  if (!repository.exists(resolved)) return `link to ${target}: no such file`
  if (anchor !== undefined && resolved.endsWith('.md') && !anchorsOf(repository.read(resolved)).has(anchor)) {
    return `link to ${target}: no such heading`
  }
  return undefined
}

/** Versions are written as "Node 24" or "TypeScript 7": the major must be the pinned one. */
function versionProblems(repository: Repository, line: string): string[] {
  const found: string[] = []
  for (const [tool, pinned] of Object.entries(repository.versions)) {
    for (const match of line.matchAll(
      new RegExp(`\\b${tool} (\\d+)\\b(?! ?(?:or|and|to|until|cores))`, 'g'),
    )) {
      const major = pinned.split('.')[0]
      // "Node 20 or newer" speaks of a minimum, not of what we run.
      if (match[1] !== major && !/≥|at least|or newer|older|minimum/.test(line)) {
        found.push(`says ${tool} ${match[1]}; package.json pins ${pinned}`)
      }
    }
  }
  return found
}

export function findProblems(repository: Repository, file: string): Problem[] {
  const problems: Problem[] = []
  for (const [line, text, fenced] of proseLines(repository.read(file))) {
    for (const match of text.matchAll(NPM_RUN)) {
      if (!repository.scripts.has(match[1]!)) {
        problems.push({ line, message: `npm run ${match[1]}: no such script in package.json` })
      }
    }
    if (fenced) continue
    for (const match of text.matchAll(LINK)) {
      const message = linkProblem(repository, file, match[1]!)
      if (message !== undefined) problems.push({ line, message })
    }
    for (const match of text.matchAll(CODE)) {
      const candidate = match[1]!.replace(/\/$/, '')
      if (REPOSITORY_PATH.test(candidate) && !repository.exists(path.join(repository.root, candidate))) {
        problems.push({ line, message: `\`${match[1]}\`: no such path` })
      }
    }
    for (const message of versionProblems(repository, text)) problems.push({ line, message })
  }
  return problems
}
