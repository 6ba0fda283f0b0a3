import { defineErrors } from '@millrace/core'

/** Errors of the control plane itself. */
export const serverErrors = defineErrors('SERVER', {
  INPUT_INVALID: {
    status: 400,
    title: 'Invalid input',
    message: (d: { problems: { path: string; message: string }[]; more?: number }) =>
      `The request has ${d.problems.length} problem${d.problems.length === 1 ? '' : 's'}${d.more === undefined ? '' : ` and ${d.more} more`}: ${d.problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')}.`,
  },
  BODY_UNREADABLE: {
    status: 400,
    title: 'Body cannot be read',
    message: (d: { reason: string }) => `The body cannot be read as JSON: ${d.reason}`,
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body too large',
    message: (d: { maxBytes: number }) => `The body is larger than the ${d.maxBytes} bytes accepted here.`,
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    message: () => 'The request line and headers are larger than the 16 KiB accepted here.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request timeout',
    message: () => 'The request did not arrive completely in time.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'Unsupported media type',
    message: (d: { accepted: string[] }) => `Send one of: ${d.accepted.join(', ')}.`,
  },
  REQUEST_REFUSED: {
    status: 400,
    title: 'Request refused',
    message: (d: { reason: string }) => `The request was refused: ${d.reason}`,
  },
  NOT_FOUND: {
    status: 404,
    title: 'Not found',
    message: (d: { what: string }) => `${d.what} does not exist.`,
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    message: (d: { method: string; allowed: string[] }) =>
      `${d.method} is not possible here. Use ${d.allowed.join(', ')}.`,
  },
  CONFLICT: {
    status: 409,
    title: 'Conflict',
    message: (d: { what: string }) => d.what,
  },
  SIGN_IN_REQUIRED: {
    status: 401,
    title: 'Sign in first',
    message: () => 'Sign in, or send a valid token as `Authorization: Bearer …`.',
  },
  CREDENTIALS_WRONG: {
    status: 401,
    title: 'Wrong name or password',
    message: () => 'The user name or the password is wrong.',
  },
  ROLE_INSUFFICIENT: {
    status: 403,
    title: 'Not allowed',
    message: (d: { role: string; required: string }) =>
      `This needs the role ${d.required}; yours is ${d.role}.`,
  },
  CSRF_TOKEN_WRONG: {
    status: 403,
    title: 'CSRF token missing or wrong',
    message: () => 'Send the `csrfToken` of GET /api/auth/session as the header `x-csrf-token`.',
  },
  LOGIN_LIMITED: {
    status: 429,
    title: 'Too many attempts',
    message: (d: { retryAfterSeconds: number }) =>
      `Too many attempts to sign in. Try again in ${d.retryAfterSeconds} s.`,
  },
  BUSY: {
    status: 503,
    title: 'Busy',
    message: (d: { what: string; retryAfterSeconds: number }) =>
      `${d.what}. Try again in ${d.retryAfterSeconds} s.`,
    expose: true,
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'Database unavailable',
    message: () =>
      'The store of record does not answer. Try again shortly; a change that was under way may or may not have been stored.',
    expose: true,
  },
  STORAGE_FULL: {
    status: 507,
    title: 'No space left',
    message: () => 'The disk of the database is full. Nothing was changed; free some space and try again.',
    expose: true,
  },
  NOT_STARTED: {
    status: 503,
    title: 'Starting',
    message: () => 'The control plane is still starting.',
    expose: true,
  },
  TIMED_OUT: {
    status: 504,
    title: 'Timed out',
    message: (d: { what: string; afterMs: number }) => `${d.what} took longer than ${d.afterMs} ms.`,
    expose: true,
  },
  SETTING_UNKNOWN: {
    status: 400,
    title: 'Setting cannot be changed',
    message: (d: { paths: string[]; accepted: string[] }) =>
      `${d.paths.join(', ')} cannot be changed while running. Accepted: ${d.accepted.join(', ') || 'nothing'}.`,
  },
  SETTING_INVALID: {
    status: 400,
    title: 'Invalid setting',
    message: (d: { problems: string[] }) => `Nothing was changed: ${d.problems.join('; ')}.`,
  },
  ACTION_UNKNOWN: {
    status: 404,
    title: 'Unknown action',
    message: (d: { capability: string; action: string; accepted: string[] }) =>
      `${d.capability} has no action '${d.action}'. It has: ${d.accepted.join(', ') || 'none'}.`,
  },
  OUTPUT_INVALID: {
    status: 500,
    title: 'Invalid output',
    message: (d: { source: string; problem: string }) =>
      `${d.source} answered with something that its own schema refuses: ${d.problem}`,
  },
})

/** What is asked for belongs to a capability that is not installed, or does not run. Never invented data instead. */
export const capabilityErrors = defineErrors('CAPABILITY', {
  MISSING: {
    status: 503,
    title: 'Capability missing',
    message: (d: { capability: string; part: string }) =>
      `${d.part} comes from the '${d.capability}' capability, which is not installed, did not start, or does not offer it in this version.`,
    expose: true,
  },
  FAILED: {
    status: 503,
    title: 'Capability does not run',
    message: (d: { capability: string; reason: string }) => `'${d.capability}' does not run: ${d.reason}`,
    expose: true,
  },
})
