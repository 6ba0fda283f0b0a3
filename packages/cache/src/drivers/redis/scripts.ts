import type { Cluster, Redis } from '@millrace/core/redis'

// In the sorted set, beside the stamps: `v`, the last version issued; `floor`, below which every record is stale; `log`,
// the identifier of the last entry of the log. Every entry of the log names the one before it (`p`), so that a follower
// sees whether it missed one, whatever the reason: trimming, a lost key, a fail-over that lost the last writes.
//
// A hybrid logical clock (Kulkarni et al., 2014) issues the versions: TIME, but always later than the last one.
// Numbers travel as text: Lua would print large ones in a form that loses digits.
const CLOCK = `
local stamps, log = KEYS[1], KEYS[2]
local function text(number) return string.format('%.0f', number) end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function last_of_stream()
  local info = redis.pcall('XINFO', 'STREAM', log)
  if info.err then return nil end
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return tonumber(string.match(info[i + 1], '^%d+')) end
  end
end
-- The set is gone, evicted or flushed, or was never there: what was stamped is not known, so all before now is stale.
local function state()
  local scores = redis.call('ZMSCORE', stamps, 'v', 'floor', 'log')
  if scores[1] and scores[2] and scores[3] then
    return tonumber(scores[1]), tonumber(scores[2]), tonumber(scores[3])
  end
  local stream = last_of_stream()
  local v = math.max(now(), (stream or 0) + 1)
  redis.call('ZADD', stamps, text(v), 'v', text(v), 'floor', text(stream or v), 'log')
  return v, v, stream or v
end
`

// Invalidations take a little memory and must work when Redis is full, or stale records would be served for good.
const EVEN_WHEN_FULL = '#!lua flags=allow-oom\n'

const ENSURE = `${EVEN_WHEN_FULL}${CLOCK}
local v, floor, position = state()
return { text(v), text(floor), text(position) }
`

// A version without an entry in the log: the first of the three steps of an invalidation by key in a Cluster.
const ISSUE = `${EVEN_WHEN_FULL}${CLOCK}
local v = math.max(state() + 1, now())
redis.call('ZADD', stamps, text(v), 'v')
return text(v)
`

// KEYS: stamps, log, records to be buried. ARGV: origin, what, length of the log, number of stamps, tombstoneMs, names to
// be stamped. When there are too many stamps, the oldest go, and the floor rises over them.
const INVALIDATE = `${EVEN_WHEN_FULL}${CLOCK}
local v, floor, position = state()
v = math.max(v + 1, now())
local version = text(v)
for i = 3, #KEYS do
  redis.call('SET', KEYS[i], string.rep('0', 16 - #version) .. version, 'PX', ARGV[5])
end
redis.call('ZADD', stamps, version, 'v', version, 'log')
for i = 6, #ARGV do redis.call('ZADD', stamps, version, ARGV[i]) end
local extra = redis.call('ZCARD', stamps) - 3 - ARGV[4]
if extra > 0 then
  -- One more, for \`floor\` itself is among the lowest.
  local count = extra + 1 + math.floor(ARGV[4] / 100)
  local newest = redis.call('ZRANGE', stamps, count - 1, count - 1, 'WITHSCORES')
  redis.call('ZREMRANGEBYRANK', stamps, 0, count - 1)
  floor = math.max(floor, tonumber(newest[2]))
  redis.call('ZADD', stamps, version, 'v', version, 'log', text(floor), 'floor')
end
redis.call('XADD', log, 'MAXLEN', '~', ARGV[3], version .. '-0', 'p', text(position), 'o', ARGV[1], 'w', ARGV[2])
return version
`

// What stands there may have been written by a load that began after the version was issued: that one is current.
const BURY = `${EVEN_WHEN_FULL}
local standing = tonumber(redis.call('GETRANGE', KEYS[1], 0, 15))
if not standing or standing < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1
`

// ARGV: version, record and time to live of each key. What has no version is no record of ours and gives way.
const WRITE = `#!lua
local written = {}
for i, key in ipairs(KEYS) do
  local standing = tonumber(redis.call('GETRANGE', key, 0, 15))
  if standing and standing > tonumber(ARGV[3 * i - 2]) then
    written[i] = 0
  else
    redis.call('SET', key, ARGV[3 * i - 1], 'PX', ARGV[3 * i])
    written[i] = 1
  end
end
return written
`

// Where a follower stands that has seen everything up to ARGV[1]. Returns the last entry of the log, and 1 when the way
// from there to here is broken. If it was history that was lost, and not only the log that was trimmed, then
// invalidations were lost too: the floor rises over everything that the follower has seen.
const POSITION = `${EVEN_WHEN_FULL}${CLOCK}
local v, floor, position = state()
local seen = tonumber(ARGV[1])
local id = text(seen) .. '-0'
if seen == position then return { text(position), 0 } end
if seen < position then
  local following = redis.call('XRANGE', log, '(' .. id, '+', 'COUNT', 1)[1]
  if following and following[2][1] == 'p' and tonumber(following[2][2]) == seen then return { text(position), 0 } end
end
local first = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
local begins = first and tonumber(string.match(first[1], '^%d+')) or math.huge
local forgotten = begins <= seen and #redis.call('XRANGE', log, id, id) == 0
if (seen > position or forgotten) and floor <= seen then
  v = math.max(v + 1, seen + 1, now())
  redis.call('ZADD', stamps, text(v), 'v', text(v), 'floor')
end
return { text(position), 1 }
`

// A tombstone stays: what it keeps out is still on its way.
const REMOVE = `${EVEN_WHEN_FULL}
if redis.call('STRLEN', KEYS[1]) <= 16 then return 0 end
return redis.call('UNLINK', KEYS[1])
`

// Little, for a moment: without it every process would load, which helps a full server least.
const LOCK = `${EVEN_WHEN_FULL}
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

const EXTEND = `${EVEN_WHEN_FULL}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`

const UNLOCK = `${EVEN_WHEN_FULL}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`

const SCRIPTS = {
  millraceEnsure: ENSURE,
  millraceIssue: ISSUE,
  millraceInvalidate: INVALIDATE,
  millraceBury: BURY,
  millraceWrite: WRITE,
  millracePosition: POSITION,
  millraceRemove: REMOVE,
  millraceLock: LOCK,
  millraceExtend: EXTEND,
  millraceUnlock: UNLOCK,
}

type Argument = string | number | Buffer

/** Each takes the number of keys, the keys, the arguments; by its SHA-1, and once in full where Redis does not know it. */
export type ScriptCommands = Record<
  keyof typeof SCRIPTS,
  (keyCount: number, ...args: Argument[]) => Promise<unknown>
>

const defined = new WeakSet<object>()

/** The scripts as commands of a client. */
export function scriptsOf(client: Redis | Cluster): ScriptCommands {
  if (!defined.has(client)) {
    for (const [name, lua] of Object.entries(SCRIPTS)) client.defineCommand(name, { lua })
    defined.add(client)
  }
  // The client gains them at run time.
  return client as unknown as ScriptCommands
}

/** A pipeline of a client that has the scripts has them too; replies come from `exec`. */
export const queuedScripts = (pipeline: ReturnType<Redis['pipeline']>): ScriptCommands =>
  pipeline as unknown as ScriptCommands
