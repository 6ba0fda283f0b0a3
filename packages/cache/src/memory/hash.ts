/**
 * A key as 32 bits: FNV-1a over UTF-16 units (http://www.isthe.com/chongo/tech/comp/fnv/), finished as in MurmurHash3
 * so that every bit depends on every character. Signed, because V8 keeps such a number without an object.
 */
export function hashKey(namespace: string, id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < namespace.length; i++) hash = Math.imul(hash ^ namespace.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ 0x3a, 0x01000193)
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return mix(hash)
}

/** The finaliser of MurmurHash3 (Appleby, public domain): a permutation of the 32-bit numbers. */
export function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) | 0
}
