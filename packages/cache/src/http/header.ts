/** Headers as Node and the frameworks on it return them, names in lower case. */
export type HeaderBag = Record<string, number | string | string[] | undefined>

/** A header as one text; repeated ones are joined by commas. */
export const one = (header: HeaderBag[string]): string | undefined =>
  header === undefined ? undefined : String(header)
