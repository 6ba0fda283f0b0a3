import { createServer, Packet, type DnsServer, type Resource } from 'dns2'
import { allocatePort } from '@millrace/core/process'

/** What the server does with questions for a name: answers with records, with a code, or not at all. */
export type Zone = Partial<Resource>[] | 'SERVFAIL' | 'REFUSED' | 'NXDOMAIN' | 'silence'

/** A real DNS server over UDP and TCP on 127.0.0.1, whose zone a test changes: `zone.set('app.test A', [a('10.0.0.1')])`. */
export class DnsFixture {
  readonly zone = new Map<string, Zone>()
  /** Sent along with every answer. */
  additionals: Partial<Resource>[] = []
  authorities: Partial<Resource>[] = []
  /** `app.test A udp` */
  readonly asked: string[] = []
  readonly #server: DnsServer
  address = ''

  constructor() {
    this.#server = createServer({
      udp: true,
      tcp: true,
      handle: (request, send, client) => {
        const [question] = request.questions
        const type = Object.entries(Packet.TYPE).find(([, value]) => value === question!.type)?.[0]
        const key = `${question!.name.toLowerCase()} ${type}`
        this.asked.push(`${key} ${'address' in client && 'size' in client ? 'udp' : 'tcp'}`)
        const found = this.zone.get(key) ?? []
        if (found === 'silence') return
        const response = Packet.createResponseFromRequest(request)
        if (typeof found === 'string') response.header.rcode = Packet.RCODE[found]
        else response.answers.push(...found.map((record) => resource(question!.name, record)))
        response.additionals.push(...this.additionals.map((record) => resource(question!.name, record)))
        response.authorities.push(...this.authorities.map((record) => resource(question!.name, record)))
        void send(response)
      },
    })
  }

  async start(): Promise<void> {
    const port = await allocatePort()
    const options = { port, address: '127.0.0.1' }
    await this.#server.listen({ udp: options, tcp: options })
    this.address = `127.0.0.1:${port}`
  }

  async stop(): Promise<void> {
    await this.#server.close()
  }
}

const resource = (name: string, record: Partial<Resource>): Resource =>
  ({ name, class: Packet.CLASS.IN, ttl: 1, ...record }) as Resource

export const a = (address: string, ttl = 1, name?: string): Partial<Resource> => ({
  type: Packet.TYPE.A,
  address,
  ttl,
  ...(name === undefined ? {} : { name }),
})
export const aaaa = (address: string, ttl = 1): Partial<Resource> => ({
  type: Packet.TYPE.AAAA,
  address,
  ttl,
})
export const cname = (domain: string, ttl = 1): Partial<Resource> => ({
  type: Packet.TYPE.CNAME,
  domain,
  ttl,
})
export const soa = (ttl: number, minimum: number): Partial<Resource> => ({
  type: Packet.TYPE.SOA,
  primary: 'ns.test',
  admin: 'admin.test',
  serial: 1,
  refresh: 1,
  retry: 1,
  expiration: 1,
  minimum,
  ttl,
})
export const srv = (
  target: string,
  port: number,
  options: { priority?: number; weight?: number; ttl?: number } = {},
): Partial<Resource> => {
  const { priority = 0, weight = 0, ttl = 1 } = options
  return { type: Packet.TYPE.SRV, target, port, priority, weight, ttl }
}
