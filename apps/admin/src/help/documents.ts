/** The guide, bundled: it is there when the network is not, and it is that of the installed version. */
const SOURCES = import.meta.glob<string>('../../../../docs/guide/*.md', { query: '?raw', import: 'default' })

const nameOf = (path: string): string => path.split('/').at(-1)!.replace(/\.md$/, '')

/** Name in the address → source; `README` is the table of contents. */
const BY_NAME = new Map(Object.entries(SOURCES).map(([path, load]) => [nameOf(path), load]))

export const CONTENTS = 'README'

/** undefined: there is no such document. */
export async function loadDocument(name: string): Promise<string | undefined> {
  return BY_NAME.get(name)?.()
}

/** The name of the document that a link of the guide points to; undefined for everything that is not in the panel. */
export function documentOf(href: string): string | undefined {
  const match = /^(?:\.\/)?([\w-]+)\.md(?:#.*)?$/.exec(href)
  return match !== null && BY_NAME.has(match[1]!) ? match[1] : undefined
}
