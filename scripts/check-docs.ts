/**
 * `npm run docs:check`: what the documents claim about the repository must be true. Checked in every Markdown file:
 * relative links and their anchors, paths in backticks, `npm run` scripts, and the versions of the tools named.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { findProblems, type Repository } from './docs/problems.ts'

const root = path.resolve(import.meta.dirname, '..')
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.millrace', '.changeset'])

function* markdownFiles(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue
    const full = path.join(directory, entry.name)
    if (entry.isDirectory()) yield* markdownFiles(full)
    else if (entry.name.endsWith('.md')) yield full
  }
}

interface Manifest {
  version: string
  scripts: Record<string, string>
  devDependencies: Record<string, string>
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest
const repository: Repository = {
  root,
  scripts: new Set([...Object.keys(manifest.scripts), 'start', 'test']),
  versions: {
    Node: manifest.devDependencies['node'] ?? '',
    TypeScript: manifest.devDependencies['typescript'] ?? '',
  },
  exists: (file) => existsSync(file),
  read: (file) => readFileSync(file, 'utf8'),
}

const problems: string[] = []
let files = 0
for (const file of markdownFiles(root)) {
  files++
  for (const problem of findProblems(repository, file)) {
    problems.push(`${path.relative(root, file)}:${problem.line}  ${problem.message}`)
  }
}

// Every workspace a person can open explains itself.
for (const group of ['packages', 'apps']) {
  for (const entry of readdirSync(path.join(root, group), { withFileTypes: true })) {
    const readme = path.join(root, group, entry.name, 'README.md')
    if (entry.isDirectory() && !existsSync(readme)) problems.push(`${group}/${entry.name}  has no README.md`)
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  console.error(`\n${problems.length} problem${problems.length === 1 ? '' : 's'} in the documents.`)
  process.exit(1)
}
console.log(`${files} documents checked: links, anchors, paths, scripts and versions are true.`)
