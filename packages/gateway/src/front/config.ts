import { z } from 'zod'

/** Another server between visitors and the gateway, for what Node has not: HTTP/3. */
export const frontConfig = z
  .strictObject({
    kind: z
      .enum(['none', 'caddy'])
      .default('none')
      .meta({ env: 'MILLRACE_GATEWAY_FRONT', title: 'Front' })
      .describe(
        'caddy: Caddy 2.6 or newer, which must be installed, takes HTTP/1.1, HTTP/2 and HTTP/3 over TLS and hands them to the gateway.',
      ),
    host: z
      .string()
      .default('127.0.0.1')
      .meta({ env: 'MILLRACE_GATEWAY_FRONT_HOST', title: 'Listen address of the front' }),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(3_443)
      .meta({ env: 'MILLRACE_GATEWAY_FRONT_PORT', title: 'Port of the front' })
      .describe('TCP and UDP. 0: a free one.'),
    program: z
      .string()
      .min(1)
      .default('caddy')
      .meta({ env: 'CADDY_PATH', title: 'Caddy' })
      .describe('A name on the PATH, or a path.'),
  })
  .prefault({})

/** Of the component. */
export const FRONT_ID = 'gateway/front'
