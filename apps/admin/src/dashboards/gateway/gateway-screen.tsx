import { Paper } from '@mui/material'
import type { Capability, CapabilityAction } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { useCapabilities } from '../../api/queries.ts'
import { CapabilityMissing } from '../../platform/capability-view.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'
import { useGatewayStatus, type GatewayStatus } from './queries.ts'

const CAPABILITY = 'gateway'

export interface Gateway {
  status: GatewayStatus
  action: (name: string) => CapabilityAction | undefined
}

interface GatewayScreenProps {
  /** What of the gateway's screens this is, for those who wait for it. */
  title: string
  /** The engine haproxy has nothing to show here: what it lacks, in a sentence. */
  nodeOnly?: string
  children: (gateway: Gateway) => ReactNode
}

/** A screen of a gateway that is there and runs; otherwise what is missing, and how to get it. */
export function GatewayScreen({ title, nodeOnly, children }: GatewayScreenProps): ReactNode {
  const capabilities = useCapabilities()
  const { data: status, error, refetch } = useGatewayStatus()
  const capability: Capability | undefined = capabilities.data?.find(({ name }) => name === CAPABILITY)
  if (capabilities.data !== undefined && capability === undefined)
    return <CapabilityMissing name={CAPABILITY} />
  if (status === undefined || capability === undefined) {
    const problem = error ?? capabilities.error
    const retry = (): void => void Promise.all([refetch(), capabilities.refetch()])
    return problem === null ? (
      <Loading height={280} label={`${title}: loading`} />
    ) : (
      <Failed error={problem} onRetry={retry} />
    )
  }
  if (!status.enabled) {
    return (
      <Nothing title="The gateway is off">
        Switched off by <code>gateway.enabled</code> or <code>LOAD_BALANCER_ENABLED</code>: nothing listens
        for visitors. Set it to <code>true</code> and start again.
      </Nothing>
    )
  }
  if (!status.supervisor) {
    return (
      <Nothing title="There is no supervisor">
        The gateway’s workers belong to <code>millrace up</code>. This control plane was started without it.
      </Nothing>
    )
  }
  if (nodeOnly !== undefined && status.engine !== 'node') {
    return (
      <Nothing title={`Not with the engine ${status.engine}`}>
        {nodeOnly} Set <code>gateway.engine</code> to <code>node</code> for it.
      </Nothing>
    )
  }
  return children({ status, action: (name) => capability.actions.find((action) => action.name === name) })
}

/** There is nothing to show, and a reason for it. */
export function Nothing({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Paper>
      <Empty title={title} height={200}>
        {children}
      </Empty>
    </Paper>
  )
}
