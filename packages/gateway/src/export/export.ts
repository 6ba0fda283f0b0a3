import { exportCloudFormation, exportTargetGroups } from './aws/aws.ts'
import { exportGatewayApi } from './kubernetes/gateway-api.ts'
import { exportIngress } from './kubernetes/ingress.ts'
import type { Exported, ExportFormat, ExportInput } from './model.ts'
import { exportNginx } from './nginx/nginx.ts'

const EXPORTERS: Readonly<Record<ExportFormat, (input: ExportInput) => Exported>> = {
  nginx: exportNginx,
  ingress: (input) => exportIngress(input),
  'ingress-nginx': (input) => exportIngress(input, { nginx: true }),
  'gateway-api': exportGatewayApi,
  'aws-target-groups': exportTargetGroups,
  cloudformation: exportCloudFormation,
}

/** The table and the settings as another system's configuration. Pure: the same input gives the same text. */
export const exportTable = (format: ExportFormat, input: ExportInput): Exported => EXPORTERS[format](input)
