import { luaString } from './lua-text.ts'

/** What the scripts of splits and sessions share: cookies as src/splitting/cookie.ts reads and removes them. */
export const cookieScript = `
local function cookie_value(txn, name)
  for at = 1, txn.f:req_fhdr_cnt('cookie') do
    for pair in string.gmatch(txn.f:req_fhdr('cookie', at) or '', '[^;]+') do
      local key, value = string.match(pair, '^%s*(.-)%s*=%s*(.-)%s*$')
      if key == name then return value end
    end
  end
end

local function remove_cookie(txn, name)
  local kept = {}
  for at = 1, txn.f:req_fhdr_cnt('cookie') do
    local pairs_kept = {}
    for pair in string.gmatch(txn.f:req_fhdr('cookie', at) or '', '[^;]+') do
      if string.match(pair, '^%s*([^=]-)%s*=') ~= name then pairs_kept[#pairs_kept + 1] = pair end
    end
    if #pairs_kept > 0 then kept[#kept + 1] = string.match(table.concat(pairs_kept, ';'), '^%s*(.-)%s*$') end
  end
  txn.http:req_del_header('cookie')
  for _, value in ipairs(kept) do txn.http:req_add_header('cookie', value) end
end

-- What shared caches may keep is no place for one visitor's cookie (proxy/shared-response.ts).
local function word(text, from, name)
  local at, last = string.find(text, name, from, true)
  while at do
    local before, after = string.sub(text, at - 1, at - 1), string.sub(text, last + 1, last + 1)
    if not string.match(before, '[%w_]') and not string.match(after, '[%w_]') then return true end
    at, last = string.find(text, name, last + 1, true)
  end
  return false
end

local function is_shared(txn)
  for at = 1, txn.f:res_fhdr_cnt('cache-control') do
    local text = string.lower(txn.f:res_fhdr('cache-control', at) or '')
    local shared = word(text, 1, 'public') or word(text, 1, 's-maxage')
    for before, age in string.gmatch(' ' .. text, '([^%w_])max%-age=(%d+)') do
      if string.match(age, '[1-9]') then shared = true end
    end
    if shared and not word(text, 1, 'private') and not word(text, 1, 'no-store') then return true end
  end
  return false
end
`

/** Thirty days, from the first visit: as src/splitting/assignment.ts. */
const COOKIE_SECONDS = 30 * 86_400

/** Which part of its split a request goes to: places, hash and cookie are those of src/splitting. */
export const splitsScript = (map: string): string => `
local splits = Map.new(${luaString(map)}, Map._str)

local function mul32(a, b) return (a * b) & 0xffffffff end
local function hash_text(text)
  local hash = 0x811c9dc5
  for at = 1, #text do hash = mul32(hash ~ string.byte(text, at), 0x01000193) end
  hash = mul32(hash ~ (hash >> 16), 0x85ebca6b)
  hash = mul32(hash ~ (hash >> 13), 0xc2b2ae35)
  return hash ~ (hash >> 16)
end

local compiled = setmetatable({}, { __mode = 'v' })
local function split_of(text)
  local split = compiled[text]
  if split then return split end
  split = {}
  split.kind, split.cookie, split.stable = string.match(text, '^([^;]*);([^;]*);([^;]*);')
  if split.cookie == '-' then split.cookie = nil end
  for section, up_to in string.gmatch(text, '|([^>]+)>(%d+)') do
    local name = string.gsub(string.sub(section, 6), '_(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end)
    split[#split + 1] = { section = section, up_to = tonumber(up_to), name = name }
  end
  compiled[text] = split
  return split
end

local function part_at(split, place)
  for _, part in ipairs(split) do
    if place < part.up_to then return part end
  end
  for _, part in ipairs(split) do
    if part.section == split.stable then return part end
  end
end

core.register_action('split', { 'http-req' }, function(txn)
  local route = txn:get_var('txn.route')
  local name = string.match(route, ';x([a-z0-9-]+)')
  local text = splits:lookup(name)
  if text == nil then return end
  local split = split_of(text)
  local place
  if split.cookie == nil then
    place = txn.f:rand(10000)
  else
    local said = cookie_value(txn, split.cookie)
    if said then remove_cookie(txn, split.cookie) end
    if said and string.match(said, '^%d%d?%d?%d?$') then
      place = tonumber(said)
    else
      local agent = txn.f:req_fhdr_cnt('user-agent') > 0 and txn.f:req_fhdr('user-agent', 1) or ''
      place = hash_text(name .. '\\n' .. txn.f:var('txn.client') .. '\\n' .. agent) % 10000
      local secure = txn:get_var('txn.secure') and '; Secure' or ''
      txn:set_var('txn.place', split.cookie .. '=' .. place .. '; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax' .. secure)
    end
  end
  local part = part_at(split, place)
  local counted = name .. '=' .. part.section
  if split.kind == 'canary' and part.section ~= split.stable and txn.f:nbsrv(part.section .. '') == 0 then
    part = part_at(split, 10000)
    counted = counted .. '!'
  end
  txn:set_var('txn.part', counted)
  txn:set_loglevel(6)
  txn.http:req_set_header('x-millrace-split', name .. '=' .. part.name)
  txn:set_var('txn.route', part.section .. string.sub(route, string.find(route, ';', 1, true)))
end)

core.register_action('place', { 'http-res' }, function(txn)
  if not is_shared(txn) then txn.http:res_add_header('set-cookie', txn:get_var('txn.place')) end
end)
`
