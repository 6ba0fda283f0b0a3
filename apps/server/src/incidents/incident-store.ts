import type { Pool } from 'pg'
import type { Incident } from './schema.ts'

export interface IncidentStore {
  save(incident: Incident): Promise<void>
  list(query: { limit: number; state?: Incident['state'] | undefined }): Promise<Incident[]>
  /** The newest incident of each component, and every open one. */
  latest(): Promise<Incident[]>
  /** Returns how many. */
  removeClosedBefore(time: number): Promise<number>
}

interface Row {
  id: string
  component: string
  kind: string
  title: string
  opened_at: Date
  closed_at: Date | null
  timeline: Incident['timeline']
}

const toIncident = (row: Row): Incident => ({
  id: row.id,
  component: row.component,
  kind: row.kind,
  title: row.title,
  state: row.closed_at === null ? 'open' : 'closed',
  openedAt: row.opened_at.getTime(),
  closedAt: row.closed_at?.getTime() ?? null,
  timeline: row.timeline,
})

export function createIncidentStore(pool: Pool): IncidentStore {
  return {
    save: async (incident) => {
      await pool.query(
        `insert into platform.incidents (id, component, kind, title, opened_at, closed_at, timeline)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set closed_at = excluded.closed_at, timeline = excluded.timeline`,
        [
          incident.id,
          incident.component,
          incident.kind,
          incident.title,
          new Date(incident.openedAt),
          incident.closedAt === null ? null : new Date(incident.closedAt),
          JSON.stringify(incident.timeline),
        ],
      )
    },
    list: async ({ limit, state }) => {
      const { rows } = await pool.query<Row>(
        `select * from platform.incidents
         where $2::text is null or (closed_at is null) = ($2 = 'open')
         order by opened_at desc limit $1`,
        [limit, state ?? null],
      )
      return rows.map(toIncident)
    },
    latest: async () => {
      const { rows } = await pool.query<Row>(
        `select distinct on (component) * from platform.incidents
         order by component, (closed_at is null) desc, opened_at desc`,
      )
      return rows.map(toIncident)
    },
    removeClosedBefore: async (time) => {
      const { rowCount } = await pool.query('delete from platform.incidents where closed_at < $1', [
        new Date(time),
      ])
      return rowCount ?? 0
    },
  }
}
