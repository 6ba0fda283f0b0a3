import type { Migration } from '@millrace/core/postgres'

const chunks = (resolution: string): string => `
  create table chunks_${resolution} (
    series_id integer not null,
    starts_at timestamptz not null,
    data bytea not null,
    primary key (series_id, starts_at)
  ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
  -- Deflated already (src/storage/chunk-codec.ts): PostgreSQL need not try.
  alter table chunks_${resolution} alter column data set storage external;
  -- For retention; ascending by nature, so that a block range index is enough.
  create index chunks_${resolution}_starts_at on chunks_${resolution} using brin (starts_at) with (pages_per_range = 16);`

export const monitoringMigrations: readonly Migration[] = [
  {
    name: '0001-series-and-chunks',
    up: `
  create table series (
    id integer generated always as identity primary key,
    -- First 16 bytes of the SHA-256 of name and labels: labels may be longer than an index entry can be.
    key uuid not null unique,
    metric text not null,
    kind text not null check (kind in ('counter', 'gauge', 'histogram')),
    unit text not null,
    labels jsonb not null,
    last_seen timestamptz not null
  );
  create index series_metric on series (metric);
  ${chunks('raw')}
  ${chunks('1m')}
  ${chunks('1h')}`,
  },
]
