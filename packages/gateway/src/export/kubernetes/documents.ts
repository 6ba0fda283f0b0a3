import { Document } from 'yaml'
import type { Omissions } from '../model.ts'
import type { Manifest } from './services.ts'

/** As one file of several documents, each in a fixed order. Strings that YAML would take for something else are quoted. */
export function renderManifests(manifests: readonly Manifest[], omissions: Omissions): string {
  const head = [
    '# Made by Millrace from the routes and pools of its gateway.',
    '# What is not exported, or is otherwise there:',
    ...omissions.comments(),
    '',
  ].join('\n')
  const documents = manifests.map((manifest) => {
    const document = new Document(manifest, { aliasDuplicateObjects: false, version: '1.1' })
    return document.toString({ lineWidth: 0, defaultStringType: 'PLAIN' })
  })
  return head + documents.map((text) => `---\n${text}`).join('')
}
