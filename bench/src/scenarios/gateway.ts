import { saturated } from '../load/saturated.ts'
import { proxies } from '../peers/proxies.ts'

export const benchmark = saturated({ name: 'gateway', title: 'Gateway, one worker', contenders: proxies })
