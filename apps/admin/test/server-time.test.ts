import { expect, test } from 'vitest'
import { noteServerTime, serverNow } from '../src/api/server-time.ts'

test('a browser with a wrong clock asks in the server’s time', () => {
  const ahead = new Date(Date.now() + 3_600_000).toUTCString()
  noteServerTime(ahead, Date.now())
  expect(serverNow() - Date.now()).toBeGreaterThan(3_590_000)
  noteServerTime(new Date().toUTCString(), Date.now())
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50)
  noteServerTime('nonsense', Date.now())
  noteServerTime(null, Date.now())
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50)
})
