import type { GatewayTable } from '../driver.ts'
import { luaConditions } from './conditions.ts'
import { luaString } from './lua-text.ts'

/**
 * Routes with conditions: what the engine `node` decides in routing/router.ts and conditions.ts, over the same map as the rules,
 * and only for requests whose host and path have such a route. A place's value is `?`, the length of its prefix and its routes, each with
 * the number of its conditions.
 */
export const routingScript = (table: GatewayTable, map: string): string => `
local routes = Map.new(${luaString(map)}, Map._beg)
local conditions = ${luaConditions(table)}
-- Of these a second field is not part of the value (Node's IncomingMessage.headers).
local single = {}
for name in string.gmatch('authorization content-length content-type from host if-modified-since if-unmodified-since max-forwards proxy-authorization referer user-agent', '%S+') do
  single[name] = true
end

local function field(txn, name)
  local count = txn.f:req_fhdr_cnt(name)
  if count == 0 then return nil end
  if count == 1 or single[name] then return txn.f:req_fhdr(name, 1) or '' end
  local values = {}
  for at = 1, count do values[at] = txn.f:req_fhdr(name, at) or '' end
  return table.concat(values, name == 'cookie' and '; ' or ', ')
end

local function accepts(pattern, value)
  if #value > 4096 then return false end
  local state = 1
  for at = 1, #value do
    state = pattern.next[state][pattern.classes[string.byte(value, at) + 1]]
    if state == 0 then return false end
  end
  return pattern.accepting[state]
end

local function met(wanted, txn)
  if wanted.methods and not wanted.methods[txn.f:method()] then return false end
  for _, header in ipairs(wanted.headers) do
    local value = field(txn, header.name)
    if value == nil or header.never then return false end
    if header.value and header.value ~= value then return false end
    if header.pattern and not accepts(header.pattern, value) then return false end
  end
  return not wanted.countries or wanted.countries[txn:get_var('txn.country') or ''] == true
end

local places = setmetatable({}, { __mode = 'v' })
local function place_of(text)
  local place = places[text]
  if place then return place end
  place = { length = tonumber(string.match(text, '^%?(%d+)')) }
  for number, target in string.gmatch(text, '|(%d+)>([^|]+)') do
    place[#place + 1] = { number = tonumber(number), target = target }
  end
  places[text] = place
  return place
end

local function within(txn, head, path)
  while true do
    local found = routes:lookup(head .. path)
    if found == nil or string.byte(found) ~= 63 then return found end
    local place = place_of(found)
    for _, route in ipairs(place) do
      if route.number == 0 or met(conditions[route.number], txn) then return route.target end
    end
    if place.length == 0 then return nil end
    path = string.match(string.sub(path, 1, place.length), '^(.*/)')
  end
end

local function route_of(txn)
  local path = txn.f:path() .. '/'
  local host = txn:get_var('txn.host')
  if host and host ~= '' then
    local route = within(txn, host, path)
    if route then return route end
    local dot = string.find(host, '.', 2, true)
    while dot do
      route = within(txn, '*' .. string.sub(host, dot), path)
      if route then return route end
      dot = string.find(host, '.', dot + 1, true)
    end
  end
  return within(txn, '', path)
end

core.register_action('route', { 'http-req' }, function(txn)
  local route = route_of(txn)
  if route then txn:set_var('txn.route', route) else txn:unset_var('txn.route') end
end)
`
