import { expect, test } from 'vitest'
import { generatePassword, hashPassword, verifyPassword } from '../../src/auth/password.ts'

test('a password matches its own hash and no other', async () => {
  const stored = await hashPassword('correct horse battery')
  expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
  expect(await verifyPassword('correct horse battery', stored)).toBe(true)
  expect(await verifyPassword('correct horse batterz', stored)).toBe(false)
  expect(await verifyPassword('', stored)).toBe(false)
})

test('the same password never has the same hash twice', async () => {
  expect(await hashPassword('the same password')).not.toBe(await hashPassword('the same password'))
})

test('composed and decomposed letters are the same password', async () => {
  const stored = await hashPassword('caf\u00e9 au lait')
  expect(await verifyPassword('cafe\u0301 au lait', stored)).toBe(true)
})

test('a stored value of another format never matches and never throws', async () => {
  for (const stored of ['', 'scrypt', 'bcrypt$1$2$3$4$5', 'scrypt$32768$8$3$']) {
    expect(await verifyPassword('anything at all', stored)).toBe(false)
  }
})

test('generated passwords have 20 characters that nobody confuses', () => {
  const passwords = Array.from({ length: 200 }, generatePassword)
  for (const password of passwords) expect(password).toMatch(/^[a-km-np-zA-HJ-NP-Z2-9]{20}$/)
  expect(new Set(passwords).size).toBe(200)
})
