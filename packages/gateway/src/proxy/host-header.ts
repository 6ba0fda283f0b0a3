// RFC 3986, 3.2.2: a name, an IPv4 address or a bracketed IPv6 address, and a port. No comma: it would be a list.
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+;=%-]*)(?::\d{0,5})?$/i
const LOCAL = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/** Whether a Host is one host and perhaps a port, so that everybody who reads it reads the same. */
export const isHost = (value: string): boolean => HOST.test(value)

/**
 * Whether a Host can only mean this machine. Any other name may be made to resolve to 127.0.0.1 by whoever owns it, and
 * a page of theirs would then speak to this machine through its visitor's browser (DNS rebinding).
 */
export const isLocalHost = (value: string | undefined): boolean => value !== undefined && LOCAL.test(value)
