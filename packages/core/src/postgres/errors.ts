import { defineErrors } from '../errors/error.ts'

/** Errors of the embedded PostgreSQL, of pools and of migrations. */
export const postgresErrors = defineErrors('POSTGRES', {
  UNSUPPORTED_PLATFORM: {
    status: 501,
    title: 'No embedded PostgreSQL for this platform',
    message: (d: { platform: string }) =>
      `There are no embedded PostgreSQL binaries for ${d.platform}. Set DATABASE_URL to a PostgreSQL 15 or later of yours, or run npm install again if optional dependencies were left out.`,
    expose: true,
  },
  NOT_REACHABLE_BY_USER: {
    status: 500,
    title: 'Folder not reachable by the database user',
    message: (d: { folder: string; user: string; path: string }) =>
      `PostgreSQL refuses to run as root, so it runs as the user '${d.user}', who may not enter ${d.folder} (on the way to ${d.path}). Do one of these: chmod o+x ${d.folder}; move the project or set MILLRACE_DATA_DIR to a folder others may enter, such as one below /srv or /var/lib; run as a normal user; set DATABASE_URL to a PostgreSQL of yours; install setpriv (util-linux).`,
    expose: true,
  },
  USER_NOT_CREATED: {
    status: 500,
    title: 'Database user cannot be created',
    message: (d: { user: string; reason: string }) =>
      `PostgreSQL refuses to run as root, and the user '${d.user}' cannot be created: ${d.reason}. Create it (useradd --system ${d.user}), run as a normal user, or set DATABASE_URL.`,
    expose: true,
  },
  IN_USE: {
    status: 409,
    title: 'Database is in use',
    message: (d: { dataDir: string; pid: number }) =>
      `The database in ${d.dataDir} is used by process ${d.pid}. Stop that first, or choose another MILLRACE_DATA_DIR.`,
  },
  START_FAILED: {
    status: 500,
    title: 'Embedded PostgreSQL did not start',
    message: (d: { reason: string; output: string[] }) =>
      `The embedded PostgreSQL did not start: ${d.reason}${d.output.length > 0 ? `\n${d.output.map((line) => `  ${line}`).join('\n')}` : ''}`,
    expose: true,
  },
  UNREACHABLE: {
    status: 503,
    title: 'Database unreachable',
    message: (d: { address: string; waitedMs: number; reason: string }) =>
      `PostgreSQL at ${d.address} did not answer within ${d.waitedMs / 1000} s: ${d.reason}`,
    expose: true,
  },
  NAME_INVALID: {
    status: 400,
    title: 'Invalid database name',
    message: (d: { name: string }) =>
      `The database name ${JSON.stringify(d.name)} must be lower-case letters, digits and underscores, start with a letter and have at most 63 characters.`,
  },
  MIGRATION_CHANGED: {
    status: 500,
    title: 'Applied migration was changed',
    message: (d: { schema: string; name: string }) =>
      `The migration '${d.name}' of '${d.schema}' was applied with other contents. Never edit a migration that has run: restore it and add a new one.`,
    expose: true,
  },
  MIGRATION_MISSING: {
    status: 500,
    title: 'Applied migration is unknown',
    message: (d: { schema: string; name: string }) =>
      `The database has the migration '${d.name}' of '${d.schema}', which this version does not know. The data was written by a newer version: start that one.`,
    expose: true,
  },
  MIGRATION_FAILED: {
    status: 500,
    title: 'Migration failed',
    message: (d: { schema: string; name: string; reason: string }) =>
      `The migration '${d.name}' of '${d.schema}' failed and was rolled back: ${d.reason}`,
    expose: true,
  },
})
