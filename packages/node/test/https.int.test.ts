import { request } from 'node:https'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually, Receiver } from './receiver.ts'

let receiver: Receiver
beforeEach(async () => (receiver = await Receiver.start()))
afterEach(() => receiver.close())

// A key that protects nothing: self-signed, for these tests only.
const file = (name: string): string => fileURLToPath(new URL(`./tls/${name}`, import.meta.url))

it('measures an https server', async () => {
  const app = receiver.app('https.mjs', { KEY: file('key.pem'), CERTIFICATE: file('certificate.pem') })
  const url = (await app.url()).replace('http:', 'https:')
  await new Promise((resolve, reject) => {
    request(`${url}/users/7`, { rejectUnauthorized: false }, (response) =>
      response.resume().on('end', resolve),
    )
      .on('error', reject)
      .end()
  })
  await eventually(() => receiver.requests()['GET /users/:id 200'])
  expect(receiver.requests()).toEqual({ 'GET /users/:id 200': 1 })
})
