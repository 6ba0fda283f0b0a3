import { z } from 'zod'

const statusRange = z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/, 'a range such as "200-299"')
const name = z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,128}$/, 'the name of a header')
// What would end a header's line or is no text is refused before a request is written with it.
const line = z
  .string()
  .max(1_024)
  .regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/, 'one line')

/** `applications.<name>.health`: how the gateway finds out whether an instance can take requests. */
export const applicationHealth = z
  .strictObject({
    kind: z
      .enum(['http', 'tcp', 'grpc', 'script'])
      .optional()
      .describe('Default: http with a `path`, script with a `command`, otherwise a TCP connection.'),
    path: z
      .string()
      .startsWith('/')
      .optional()
      .describe('GET must answer below 500. Default: a TCP connection.'),
    method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST']).default('GET').describe('Of HTTP checks.'),
    host: line
      .optional()
      .describe('Host header of HTTP checks, :authority of gRPC ones. Default: the address.'),
    headers: z.record(name, line).default({}).describe('Added to HTTP and gRPC checks.'),
    expectedStatuses: z
      .array(z.union([z.int().min(100).max(599), statusRange]))
      .min(1)
      .optional()
      .describe('200, "200-299". Default: all below 500. Redirects are not followed.'),
    bodyIncludes: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe('Text that must stand in the first 64 KiB of the answer’s body.'),
    service: z
      .string()
      .max(256)
      .default('')
      .describe('gRPC: the service asked about (grpc.health.v1). Default: the server as a whole.'),
    command: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Script: exit code 0 is healthy. The address is in MILLRACE_BACKEND_HOST and _PORT.'),
    port: z.int().min(1).max(65_535).optional().describe('Checked instead of the instance’s own port.'),
    tls: z.boolean().optional().describe('Of HTTP and gRPC checks. Default: as the instance is spoken to.'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('Certificates (PEM) that TLS checks trust instead of the system’s.'),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe('Name that the certificate must have. Default: the address.'),
    intervalMs: z.int().min(100).default(10_000),
    timeoutMs: z.int().min(10).default(5_000),
    unhealthyAfter: z.int().min(1).default(3).describe('Failures in a row that take an instance out.'),
    healthyAfter: z.int().min(1).default(2).describe('Successes in a row that bring it back.'),
    initial: z
      .enum(['healthy', 'unhealthy'])
      .default('healthy')
      .describe('Before the first check. unhealthy: no request until one check succeeded.'),
    startPeriodMs: z
      .int()
      .min(0)
      .default(0)
      .describe('Failures so soon after an instance appeared do not count, unless it answered once.'),
  })
  .refine((value) => value.kind !== 'http' || value.path !== undefined, {
    message: 'an http check needs a `path`',
    path: ['path'],
  })
  .refine((value) => value.kind !== 'script' || value.command !== undefined, {
    message: 'a script check needs a `command`',
    path: ['command'],
  })
