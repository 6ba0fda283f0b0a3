/** `blue mou` finds what contains both a word that starts with blue and one that starts with mou. */
export function prefixQuery(search: string): string {
  const words = search.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.map((word) => `${word}:*`).join(' & ')
}
