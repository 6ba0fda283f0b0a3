import { z } from 'zod'

const file = z.string().min(1)

/** Settings of TLS towards visitors. */
export const tlsConfig = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .meta({ env: 'MILLRACE_TLS_ENABLED', title: 'TLS' })
      .describe('A port for HTTPS beside the one for HTTP.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(3_443)
      .meta({ env: 'MILLRACE_TLS_PORT', title: 'TLS port' })
      .describe('On the same address as `port`.'),
    publicPort: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .meta({ env: 'MILLRACE_TLS_PUBLIC_PORT', title: 'Public TLS port' })
      .describe(
        'Where visitors reach the TLS port, for redirects: 443 where a load balancer or a container publishes it there. Default: `tls.port`.',
      ),
    certificate: file
      .optional()
      .meta({ env: 'MILLRACE_TLS_CERTIFICATE', title: 'Certificate file' })
      .describe(
        'PEM, with its chain. The short form where there is one certificate; it is the first one then.',
      ),
    key: file
      .optional()
      .meta({ env: 'MILLRACE_TLS_KEY', title: 'Key file' })
      .describe('PEM. Of `tls.certificate`.'),
    passphrase: z
      .string()
      .optional()
      .meta({ env: 'MILLRACE_TLS_PASSPHRASE', secret: true, title: 'Passphrase' })
      .describe('Of `tls.key`.'),
    certificates: z
      .array(
        z.strictObject({
          certificate: file.describe('A PEM file: the certificate, then its chain.'),
          key: file.describe('A PEM file.'),
          passphrase: z.string().optional().meta({ secret: true }).describe('Of the key.'),
        }),
      )
      .default([])
      .describe(
        'The names that a certificate is for are those in its subjectAltName; visitors who ask for none of them get the first certificate. Files are looked at every 10 s and read again when they changed.',
      ),
    minVersion: z
      .enum(['1.2', '1.3'])
      .default('1.2')
      .meta({ env: 'MILLRACE_TLS_MIN_VERSION', title: 'Oldest version' }),
    redirect: z
      .boolean()
      .default(false)
      .meta({ env: 'MILLRACE_TLS_REDIRECT', title: 'Redirect HTTP to HTTPS' })
      .describe(
        'Requests on the port for HTTP are answered with 308; not those for routes that only this machine may use, nor /health, nor what a trusted proxy received by HTTPS.',
      ),
    hstsMaxAgeSeconds: z
      .int()
      .min(0)
      .max(63_072_000)
      .optional()
      .meta({ env: 'MILLRACE_TLS_HSTS_MAX_AGE', title: 'HSTS max-age (s)' })
      .describe(
        'Adds Strict-Transport-Security to answers over HTTPS where applications do not send it: browsers then refuse plain HTTP for so long. Default: off.',
      ),
    http2: z
      .boolean()
      .default(true)
      .meta({ env: 'MILLRACE_TLS_HTTP2', title: 'HTTP/2' })
      .describe('Offered to visitors beside HTTP/1.1 (ALPN).'),
  })
  .prefault({})

export type TlsConfig = z.output<typeof tlsConfig>
