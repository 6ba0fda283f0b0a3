import type { Health } from '@millrace/core'
import type { RegionModel } from './model.ts'

/** What the gateway's health says of another region. */
export const regionCheck = ({
  name,
  state,
  why,
  url,
}: Pick<RegionModel, 'name' | 'state' | 'why' | 'url'>): NonNullable<Health['checks']>[number] => ({
  name: `region ${name}`,
  state: state === 'down' ? 'degraded' : 'healthy',
  message: state === 'down' ? `${url} does not answer: ${why ?? 'no reason is known'}` : `${url}: ${state}`,
})
