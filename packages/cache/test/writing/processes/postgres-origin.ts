import type { Pool } from 'pg'
import type { WriteEntry } from '../../../src/writing/options.ts'

/**
 * `profile` takes a write only when its number is later: what arrives twice, or late, changes nothing. `effects` counts what
 * a write did, by its token, in the same statement's transaction.
 */
export const PROFILE_SCHEMA = `
  create table profile (id text primary key, name text, sequence double precision not null);
  create table effects (token text primary key, id text not null, deliveries int not null default 1)`

export async function upsertProfiles(pool: Pool, batch: readonly WriteEntry<string>[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(
      `insert into profile (id, name, sequence)
       select * from unnest($1::text[], $2::text[], $3::double precision[])
       on conflict (id) do update set name = excluded.name, sequence = excluded.sequence
       where profile.sequence < excluded.sequence`,
      [
        batch.map(({ id }) => id),
        batch.map(({ value }) => value?.replace(/\.+$/, '') ?? null),
        batch.map(({ sequence }) => sequence),
      ],
    )
    await client.query(
      `insert into effects (token, id) select * from unnest($1::text[], $2::text[])
       on conflict (token) do update set deliveries = effects.deliveries + 1`,
      [batch.map(({ token }) => token), batch.map(({ id }) => id)],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
