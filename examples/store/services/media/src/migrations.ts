import type { Migration } from '@millrace-store/store/migrate'

export const migrations: readonly Migration[] = [
  {
    name: '001-files',
    sql: `
      CREATE TABLE files (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        owner_id integer NOT NULL,
        name text NOT NULL,
        mime_type text NOT NULL,
        bytes bigint NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        sha256 text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (owner_id, sha256)
      );
      CREATE INDEX files_created ON files (created_at DESC);
      CREATE TABLE file_variants (
        file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
        name text NOT NULL,
        mime_type text NOT NULL,
        bytes bigint NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        PRIMARY KEY (file_id, name)
      );
    `,
  },
]
