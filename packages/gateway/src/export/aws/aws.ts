import { Omissions, type Exported, type ExportInput } from '../model.ts'
import { logicalId, targetGroupName } from '../names.ts'
import { listenerRules, type Rule } from './rules.ts'
import { targetGroups } from './target-groups.ts'

const NOT_FOUND = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }
const STICKY_SECONDS = 86_400

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** What an application load balancer as a whole does otherwise. */
function omitSettings({ table, config }: ExportInput, omissions: Omissions): void {
  omissions.addUnknown(table)
  omissions.add(
    'settings',
    'timeouts',
    'attributes of the load balancer: idle_timeout.timeout_seconds and others',
  )
  omissions.add('settings', 'limits, retries, cache, compression', 'AWS has none here')
  if (config.tls.enabled)
    omissions.add('settings', 'tls', 'import the certificate into ACM and add a listener for HTTPS')
}

const actionOf = ({ groups, sticky }: Rule<string>, arnOf: (pool: string) => unknown) => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: groups.map(({ group, weight }) => ({ TargetGroupArn: arnOf(group), Weight: weight })),
    ...(sticky ? { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: STICKY_SECONDS } } : {}),
  },
})

/**
 * The documents of the calls CreateTargetGroup, ModifyTargetGroupAttributes, RegisterTargets, ModifyListener and CreateRule
 * (API version 2015-12-01), in the order in which they are sent. ARNs that do not exist yet begin with `REPLACE_`.
 */
export function exportTargetGroups(input: ExportInput): Exported {
  const omissions = new Omissions()
  const groups = targetGroups(input, omissions)
  const rules = listenerRules(input, omissions)
  omitSettings(input, omissions)
  const arnOf = (pool: string): string => `REPLACE_ARN_OF_${targetGroupName(pool)}`
  const ListenerArn = 'REPLACE_LISTENER_ARN'
  const text = json({
    notExported: omissions.list(),
    CreateTargetGroup: groups.map(({ input: one }) => one),
    ModifyTargetGroupAttributes: groups.map(({ pool, attributes }) => ({
      TargetGroupArn: arnOf(pool),
      Attributes: attributes,
    })),
    RegisterTargets: groups
      .filter(({ targets }) => targets.length > 0)
      .map(({ pool, targets }) => ({ TargetGroupArn: arnOf(pool), Targets: targets })),
    ModifyListener: [{ ListenerArn, DefaultActions: [NOT_FOUND] }],
    CreateRule: rules.map((rule) => ({
      ListenerArn,
      Priority: rule.Priority,
      Conditions: rule.Conditions,
      Actions: [actionOf(rule, arnOf)],
    })),
  })
  return { text, notExported: omissions.list() }
}

/** The same as a CloudFormation template, whose parameters are what only the account knows. */
export function exportCloudFormation(input: ExportInput): Exported {
  const omissions = new Omissions()
  const groups = targetGroups(input, omissions)
  const rules = listenerRules(input, omissions)
  omitSettings(input, omissions)
  const idOf = (pool: string): string => logicalId('Pool', pool)
  const text = json({
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Target groups and listener rules made by Millrace from the routes and pools of its gateway',
    Metadata: { Millrace: { NotExported: omissions.list() } },
    Parameters: {
      VpcId: { Type: 'AWS::EC2::VPC::Id' },
      LoadBalancerArn: { Type: 'String' },
    },
    Resources: {
      ...Object.fromEntries(
        groups.map(({ pool, input: { VpcId: _vpc, ...properties }, attributes, targets }) => [
          idOf(pool),
          {
            Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
            Properties: {
              ...properties,
              VpcId: { Ref: 'VpcId' },
              TargetGroupAttributes: attributes,
              Targets: targets,
            },
          },
        ]),
      ),
      Listener: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'LoadBalancerArn' },
          Port: 80,
          Protocol: 'HTTP',
          DefaultActions: [NOT_FOUND],
        },
      },
      ...Object.fromEntries(
        rules.map((rule) => [
          `Rule${rule.Priority}`,
          {
            Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
            Properties: {
              ListenerArn: { Ref: 'Listener' },
              Priority: rule.Priority,
              Conditions: rule.Conditions,
              Actions: [actionOf(rule, (pool) => ({ Ref: idOf(pool) }))],
            },
          },
        ]),
      ),
    },
  })
  return { text, notExported: omissions.list() }
}
