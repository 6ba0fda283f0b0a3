import { SessionCookie } from '../../affinity/session-cookie.ts'
import type { GatewayTable, PoolEntry, StickySessions } from '../driver.ts'
import { luaBytes, luaString, luaTable } from './lua-text.ts'
import { poolSection, serverName } from './quote.ts'
import { serversOf } from './servers.ts'
import type { EngineConfig } from '../../config.ts'

type CookiePool = PoolEntry & { sticky: StickySessions }

export const byCookie = (pool: PoolEntry): pool is CookiePool => pool.sticky?.kind === 'cookie'
export const hasSessions = ({ pools }: GatewayTable): boolean => pools.some(byCookie)

/** Which server a tag in a cookie stands for, of those that may get requests: a session moves when its own is not there. */
export function sessionsMap(
  { pools }: GatewayTable,
  config: EngineConfig,
  drained: ReadonlySet<string>,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const pool of pools.filter(byCookie)) {
    const cookie = new SessionCookie(pool.sticky, pool.name)
    const ready = new Set(
      serversOf(pool, config, drained).flatMap(({ name, state }) => (state === 'ready' ? [name] : [])),
    )
    for (const { id } of pool.backends) {
      const server = serverName(id)
      if (ready.has(server)) found.set(`${poolSection(pool.name)}/${cookie.tagOf(id)}`, server)
    }
  }
  return found
}

/** The cookie's settings for each pool. The key is a secret: the script is readable by its owner only. */
const luaPools = ({ pools }: GatewayTable): string =>
  `{ ${pools
    .filter(byCookie)
    .map(
      ({ name, sticky }) =>
        `[${luaString(poolSection(name))}] = ${luaTable({
          cookie: luaString(sticky.cookieName),
          age: `${sticky.maxAgeMs / 1_000}`,
          max_age: `${Math.max(1, Math.round(sticky.maxAgeMs / 1_000))}`,
          key: luaString(Buffer.from(sticky.secret, 'utf8').toString('base64')),
          session: luaBytes(Buffer.from(`session\0${name}\0`)),
          backend: luaBytes(Buffer.from(`backend\0${name}\0`)),
        })}`,
    )
    .join(', ')} }`

/**
 * Sticky sessions with the cookie of src/affinity/session-cookie.ts, so that a change of the engine keeps sessions. In the sections of
 * pools that have them: `session` finds the server, `settle` says whether the visitor needs another cookie.
 */
export const sessionScript = (table: GatewayTable, map: string): string => `
local sessions = Map.new(${luaString(map)}, Map._str)
local sticky = ${luaPools(table)}

local function base64url(txn, bytes) return (string.gsub(txn.c:ub64enc(bytes), '=', '')) end

-- The tag and the age in seconds of a value that was signed here; nil for any other.
local function read(txn, settings, value)
  if #value ~= 60 or not string.match(value, '^[%w_-]+$') then return nil end
  local bytes = txn.c:ub64dec(value)
  if bytes == nil or #bytes ~= 45 then return nil end
  local content = string.sub(bytes, 1, 13)
  -- Strings of this length are compared as one number each: how long it takes says nothing.
  if txn.c:hmac(settings.session .. content, 'sha256', settings.key) ~= string.sub(bytes, 14) then return nil end
  local age = core.now().sec - string.unpack('>I4', content, 10)
  if age > settings.age or age < -60 then return nil end
  return base64url(txn, string.sub(content, 1, 9)), age
end

core.register_action('session', { 'http-req' }, function(txn, section)
  local settings = sticky[section]
  local value = cookie_value(txn, settings.cookie)
  txn:set_var('txn.renew', 1)
  if value == nil then return end
  remove_cookie(txn, settings.cookie)
  local tag, age = read(txn, settings, value)
  if tag == nil then return end
  txn:set_var('txn.renew', age > settings.age / 2 and 1 or 0)
  local server = sessions:lookup(section .. '/' .. tag)
  if server == nil or txn.f:srv_is_up(section .. '/' .. server) ~= 1 then
    txn:set_var('txn.renew', 1)
    return
  end
  txn:set_var('txn.session', server)
  -- Nobody waits for a session, but for the moment in which HAProxy counts an answer that the visitor has already. The name is made
  -- anew each time: HAProxy cuts it in two.
  if txn.f:srv_conn_free(section .. '/' .. server) <= 0 then core.msleep(2) end
  if txn.f:srv_conn_free(section .. '/' .. server) > 0 then txn:set_var('txn.server', server) end
end, 1)

local function decoded(name)
  return (string.gsub(name, '_(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end))
end

core.register_action('settle', { 'http-res' }, function(txn, section)
  local settings = sticky[section]
  local served = txn.f:srv_name()
  if served == nil or string.sub(served, 1, 2) ~= 'b.' then return end
  local session = txn:get_var('txn.session')
  if session == served then
    if txn:get_var('txn.renew') ~= 1 then return end
  elseif session ~= nil and txn.f:srv_is_up(section .. '/' .. session) == 1 then
    return
  end
  if is_shared(txn) then return end
  local tag = string.sub(txn.c:hmac(settings.backend .. decoded(string.sub(served, 3)), 'sha256', settings.key), 1, 9)
  local content = tag .. string.pack('>I4', core.now().sec)
  local value = base64url(txn, content .. txn.c:hmac(settings.session .. content, 'sha256', settings.key))
  txn.http:res_add_header('set-cookie', settings.cookie .. '=' .. value .. '; Path=/; Max-Age=' .. settings.max_age
    .. '; HttpOnly; SameSite=Lax' .. (txn:get_var('txn.secure') and '; Secure' or ''))
end, 1)
`
