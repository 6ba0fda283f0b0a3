/** In the cache's key: by what the route was chosen, and which part of its split. Undefined: the address says it all. */
export const variantOf = (route: string | undefined, part: string | undefined): string | undefined =>
  route === undefined || part === undefined ? (route ?? part) : `${route} ${part}`
