/** A Lua string of these bytes, whatever they are. */
export const luaBytes = (bytes: Uint8Array): string =>
  `"${[...bytes]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[\w .:/=*@-]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`
    })
    .join('')}"`

export const luaString = (text: string): string => luaBytes(Buffer.from(text, 'utf8'))

export const luaList = (items: readonly string[]): string => `{ ${items.join(', ')} }`

/** Keys are fields of a script's own. Undefined values are left out. */
export const luaTable = (fields: Readonly<Record<string, string | undefined>>): string =>
  luaList(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${value}`])),
  )

export const luaSet = (names: Iterable<string>): string =>
  luaList([...names].map((name) => `[${luaString(name)}] = true`))
