import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CONTENTS, documentOf, loadDocument } from '../../src/help/documents.ts'
import { parseInline, parseMarkdown } from '../../src/help/markdown.ts'

const GUIDE = fileURLToPath(new URL('../../../../docs/guide/', import.meta.url))

test('text, code, strong and links', () => {
  expect(parseInline('Set `PORT` to **any** [free](a.md) port')).toEqual([
    { kind: 'text', text: 'Set ' },
    { kind: 'code', text: 'PORT' },
    { kind: 'text', text: ' to ' },
    { kind: 'strong', text: 'any' },
    { kind: 'text', text: ' ' },
    { kind: 'link', text: 'free', href: 'a.md' },
    { kind: 'text', text: ' port' },
  ])
})

test('blocks end where the next one starts', () => {
  const kinds = parseMarkdown(
    '# Title\nText\nmore\n- one\n  still one\n- two\n```sh\n# no heading\n```\n| a | b |\n|---|---|\n| 1 | 2 |\n',
  )
  expect(kinds.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'code', 'table'])
  expect(kinds[2]).toMatchObject({ items: [[{ text: 'one still one' }], [{ text: 'two' }]] })
  expect(kinds[3]).toEqual({ kind: 'code', text: '# no heading' })
  expect(kinds[4]).toMatchObject({ rows: [[[{ text: '1' }], [{ text: '2' }]]] })
})

test('an unclosed fence ends with the document', () => {
  expect(parseMarkdown('```\ncode')).toEqual([{ kind: 'code', text: 'code' }])
  expect(parseMarkdown('')).toEqual([])
})

test('no word of the guide is lost', async () => {
  for (const file of readdirSync(GUIDE).filter((name) => name.endsWith('.md'))) {
    const source = readFileSync(`${GUIDE}${file}`, 'utf8')
    const shown = JSON.stringify(parseMarkdown((await loadDocument(file.replace(/\.md$/, '')))!))
    for (const word of source.match(/[A-Za-z]{4,}/g) ?? []) {
      // The language of a fence is for highlighting, which the panel does without.
      if (new RegExp(`^\`\`\`${word}$`, 'm').test(source)) continue
      expect(shown).toContain(word)
    }
  }
})

test('links within the guide stay in the panel', async () => {
  expect(documentOf('operating.md#users')).toBe('operating')
  expect(documentOf('../../ARCHITECTURE.md')).toBeUndefined()
  expect(documentOf('missing.md')).toBeUndefined()
  expect(await loadDocument(CONTENTS)).toContain('# Guide')
  expect(await loadDocument('missing')).toBeUndefined()
})
