import type { Pool } from 'pg'
import { VARIANT_MIME_TYPE, type OptimizedUpload } from './variants.ts'

export interface NewFile {
  id: string
  ownerId: number
  name: string
  bytes: number
  sha256: string
  optimized: OptimizedUpload
}

interface FileRow {
  id: string
  owner_id: number
  name: string
  mime_type: string
  /** bigint, which pg returns as text. */
  bytes: string
  width: number
  height: number
  created_at: Date
  variants: { name: string; width: number; height: number; bytes: number }[]
}

const SELECT_FILE = `
  SELECT f.*, (SELECT coalesce(json_agg(json_build_object('name', name, 'width', width, 'height', height,
    'bytes', bytes) ORDER BY bytes), '[]') FROM file_variants WHERE file_id = f.id) AS variants
  FROM files f`

const presentFile = (row: FileRow): object => ({
  id: row.id,
  ownerId: row.owner_id,
  name: row.name,
  mimeType: row.mime_type,
  bytes: Number(row.bytes),
  width: row.width,
  height: row.height,
  createdAt: row.created_at.toISOString(),
  variants: row.variants.map((variant) => ({ ...variant, src: `/files/${row.id}/${variant.name}` })),
})

export async function findFile(database: Pool, id: string): Promise<object | undefined> {
  const { rows } = await database.query<FileRow>(`${SELECT_FILE} WHERE f.id = $1`, [id])
  return rows[0] && presentFile(rows[0])
}

/** The same bytes uploaded twice by one member are one file. */
export async function findSameFile(
  database: Pool,
  ownerId: number,
  sha256: string,
): Promise<object | undefined> {
  const { rows } = await database.query<FileRow>(`${SELECT_FILE} WHERE f.owner_id = $1 AND f.sha256 = $2`, [
    ownerId,
    sha256,
  ])
  return rows[0] && presentFile(rows[0])
}

export async function listFiles(
  database: Pool,
  page: { limit: number; offset: number },
): Promise<{ items: object[]; total: number }> {
  const [files, total] = await Promise.all([
    database.query<FileRow>(`${SELECT_FILE} ORDER BY f.created_at DESC, f.id LIMIT $1 OFFSET $2`, [
      page.limit,
      page.offset,
    ]),
    database.query<{ count: number }>('SELECT count(*)::int AS count FROM files'),
  ])
  return { items: files.rows.map(presentFile), total: total.rows[0]?.count ?? 0 }
}

/** Bytes of everything stored. */
export async function storedBytes(database: Pool): Promise<number> {
  const { rows } = await database.query<{ bytes: string }>(
    'SELECT coalesce(sum(bytes), 0) AS bytes FROM file_variants',
  )
  return Number(rows[0]?.bytes ?? 0)
}

/** False when the member has just uploaded the same bytes in another request. */
export async function insertFile(database: Pool, file: NewFile): Promise<boolean> {
  const { format, width, height, variants } = file.optimized
  const { rowCount } = await database.query(
    `WITH file AS (
       INSERT INTO files (id, owner_id, name, mime_type, bytes, width, height, sha256)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (owner_id, sha256) DO NOTHING RETURNING id
     )
     INSERT INTO file_variants (file_id, name, mime_type, bytes, width, height)
     SELECT file.id, v.name, $9, v.bytes, v.width, v.height
     FROM file, json_to_recordset($10) AS v (name text, bytes bigint, width int, height int)`,
    [
      file.id,
      file.ownerId,
      file.name,
      `image/${format}`,
      file.bytes,
      width,
      height,
      file.sha256,
      VARIANT_MIME_TYPE,
      JSON.stringify(variants.map(({ data, ...variant }) => ({ ...variant, bytes: data.byteLength }))),
    ],
  )
  return (rowCount ?? 0) > 0
}

/** False when there was none. */
export async function deleteFile(database: Pool, id: string): Promise<boolean> {
  const { rowCount } = await database.query('DELETE FROM files WHERE id = $1', [id])
  return (rowCount ?? 0) > 0
}
