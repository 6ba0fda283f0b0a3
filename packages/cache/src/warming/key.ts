/** A namespace has no colon, so the first one ends it. */
export const keyOf = (namespace: string, id: string): string => `${namespace}:${id}`

export function splitKey(key: string): { namespace: string; id: string } {
  const colon = key.indexOf(':')
  return { namespace: key.slice(0, colon), id: key.slice(colon + 1) }
}
