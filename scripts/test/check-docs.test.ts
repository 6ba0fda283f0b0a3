import { describe, expect, it } from 'vitest'
import { anchorOf, findProblems, type Repository } from '../docs/problems.ts'

function repository(files: Record<string, string>): Repository {
  return {
    root: '/r',
    scripts: new Set(['bench']),
    versions: { Node: '24.21.0' },
    exists: (file) => file in files || Object.keys(files).some((name) => name.startsWith(`${file}/`)),
    read: (file) => files[file] ?? '',
  }
}

const check = (text: string, others: Record<string, string> = {}): string[] =>
  findProblems(repository({ '/r/README.md': text, ...others }), '/r/README.md').map(
    (problem) => problem.message,
  )

describe('check-docs', () => {
  it('finds a link to a file that is not there and accepts one that is', () => {
    expect(check('[a](docs/a.md) [b](docs/b.md)', { '/r/docs/a.md': '' })).toEqual([
      'link to docs/b.md: no such file',
    ])
  })

  it('checks anchors in this and in other documents', () => {
    const others = { '/r/docs/a.md': '# The `cache` tier' }
    expect(check('# Top\n[x](#top) [y](#bottom) [z](docs/a.md#the-cache-tier)', others)).toEqual([
      'link to #bottom: no such heading',
    ])
  })

  it('leaves links to the outside alone', () => {
    expect(check('[rfc](https://www.rfc-editor.org/rfc/rfc9457)')).toEqual([])
  })

  it('finds a repository path in backticks that does not exist', () => {
    expect(check('`packages/core/` and `packages/gone/src`', { '/r/packages/core/x.ts': '' })).toEqual([
      '`packages/gone/src`: no such path',
    ])
  })

  it('knows the npm scripts, also inside fenced blocks', () => {
    expect(check('```\nnpm run bench -- cache\nnpm run polish\n```')).toEqual([
      'npm run polish: no such script in package.json',
    ])
  })

  it('holds the documents to the pinned major version', () => {
    expect(check('It runs on Node 22.')).toEqual(['says Node 22; package.json pins 24.21.0'])
    expect(check('Needs some Node 20 or newer to start; runs on Node 24.')).toEqual([])
  })

  it('makes anchors the way the forge does', () => {
    expect(anchorOf('One request, traced end to end')).toBe('one-request-traced-end-to-end')
  })
})
