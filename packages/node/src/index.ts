export { startAgent, type Agent } from './agent.ts'
export { readSettings, type AgentSettings } from './environment.ts'
export { metric, type MetricLabels, type MetricOptions } from './metric.ts'
export { agentNodeOptions } from './node-options.ts'
