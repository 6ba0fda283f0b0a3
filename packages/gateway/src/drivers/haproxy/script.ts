import { NEVER_NAMED } from '../../proxy/header-names.ts'
import type { GatewayTable } from '../driver.ts'
import type { Files } from './configuration.ts'
import { limitScript } from './limits.ts'
import { routeKinds } from './routes-map.ts'
import { routingScript } from './routing-script.ts'
import { hasSessions, sessionScript } from './session-keys.ts'
import { cookieScript, splitsScript } from './splits-script.ts'

/**
 * What HAProxy's own rules cannot say, in its Lua (5.3). Both run for few requests only: rules look first whether they are needed.
 *
 * `strip_named…`: headers that `Connection` names belong to that connection and stay here (RFC 9110, 7.6.1).
 * `await_backend`: a pool without a backend at the moment is waited for, as when the last one is being replaced.
 */
const baseScript = (neverNamed: Iterable<string>): string => `
local never = {}
for name in string.gmatch(${JSON.stringify([...neverNamed].join(' '))}, '%S+') do never[name] = true end

local function named(headers)
  local names = {}
  local values = headers['connection']
  if values == nil then return names end
  for _, value in pairs(values) do
    for name in string.gmatch(string.lower(value), '[^,%s]+') do
      if not never[name] then names[#names + 1] = name end
    end
  end
  return names
end

core.register_action('strip_named_request', { 'http-req' }, function(txn)
  for _, name in ipairs(named(txn.http:req_get_headers())) do txn.http:req_del_header(name) end
end)

core.register_action('strip_named_response', { 'http-res' }, function(txn)
  for _, name in ipairs(named(txn.http:res_get_headers())) do txn.http:res_del_header(name) end
end)

core.register_action('await_backend', { 'http-req' }, function(txn, pool, limit)
  for waited = 0, tonumber(limit), 20 do
    if txn.f:nbsrv(pool) > 0 then return end
    core.msleep(20)
  end
end, 2)
`

/** The script with what the table needs: what is not in it costs nothing. */
export function script(table: GatewayTable, files: Files): string {
  const { conditions, splits } = routeKinds(table)
  const sessions = hasSessions(table)
  return [
    baseScript(NEVER_NAMED),
    ...(conditions ? [routingScript(table, files.routes)] : []),
    ...(splits || sessions ? [cookieScript] : []),
    ...(splits ? [splitsScript(files.splits)] : []),
    ...(sessions ? [sessionScript(table, files.sessions)] : []),
    limitScript(table),
  ].join('')
}
