import { expect, it } from 'vitest'
import { parseSessions } from '../../../src/drivers/haproxy/sessions.ts'

const rest =
  'rq[f=49c40080h,i=0,an=8000h,rx=,wx=,ax=] rp[f=80400000h,i=0,an=1400000h,rx=29s,wx=,ax=] exp=1s rc=0'
const session = (id: string, src: string, server: string, age: string, frontend = 'visitors'): string =>
  `${id}: proto=tcpv4 src=${src} fe=${frontend} be=pool.web_5fshop srv=${server} ts=00 epoch=0 age=${age} calls=2 rate=0 cpu=0 lat=0 ${rest}`

it('sessions of visitors are connections, the oldest first, and the rest of HAProxy’s are none', () => {
  const { total, connections } = parseSessions(
    [
      session('0x1', '192.0.2.1:4711', 'b.web_2f1', '5s'),
      session('0x2', '2001:db8::1:4712', '<none>', '1h3m'),
      session('0x3', 'unix:1', '<none>', '9s', 'GLOBAL'),
      '',
    ].join('\n'),
    10,
  )
  expect(total).toBe(2)
  expect(connections).toMatchObject([
    {
      id: '0x2',
      address: '2001:db8::1',
      port: 4_712,
      requests: [{ state: 'queued', backend: null, ageMs: 3_780_000 }],
    },
    {
      id: '0x1',
      address: '192.0.2.1',
      requests: [{ pool: 'web_shop', backend: 'web/1', state: 'sent', ageMs: 5_000 }],
    },
  ])
  expect(parseSessions(session('0x1', '192.0.2.1:1', 'b.a', '0s'), 0)).toMatchObject({
    total: 1,
    connections: [],
  })
})
