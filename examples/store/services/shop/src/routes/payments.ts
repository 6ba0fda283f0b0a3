import { idInput, parseInput, storeErrors } from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { ShopContext } from '../app.ts'
import { findOrder } from '../order-queries.ts'

const orderParams = z.object({ orderId: idInput })

/** No card data is asked for or accepted: nothing here can take money. */
const paymentInput = z.strictObject({
  outcome: z
    .enum(['approve', 'decline'])
    .default('approve')
    .describe('What the simulated provider shall answer.'),
})

const PROVIDER_NOTE = 'The payment provider is simulated: no money moves and no card is charged.'

export function paymentRoutes(app: FastifyInstance, { database }: ShopContext): void {
  app.post('/orders/:orderId/payments', async (request, reply) => {
    const { orderId } = parseInput('path', orderParams, request.params)
    const { outcome } = parseInput('body', paymentInput, request.body ?? {})
    const order = await findOrder(database, orderId)
    if (order === undefined) throw storeErrors.NOT_FOUND({ what: 'order', id: String(orderId) })

    const status = outcome === 'approve' ? 'approved' : 'declined'
    const reference = `SIM-${randomBytes(6).toString('hex').toUpperCase()}`
    // The status decides in the statement itself: of two payments at once only one finds the order pending.
    const { rows } = await database.query<{ amount_cents: number }>(
      `WITH payable AS (
         UPDATE orders SET status = CASE WHEN $2 = 'approved' THEN 'paid' ELSE status END
         WHERE id = $1 AND status = 'pending' RETURNING id, items_cents + shipping_cents AS amount
       )
       INSERT INTO payments (order_id, provider, status, amount_cents, reference)
       SELECT id, 'simulated', $2, amount, $3 FROM payable RETURNING amount_cents`,
      [orderId, status, reference],
    )
    const [row] = rows
    if (row === undefined) throw storeErrors.ORDER_NOT_PAYABLE({ orderId, accepted: ['pending'] })
    return reply
      .code(201)
      .send({ provider: 'simulated', note: PROVIDER_NOTE, status, amountCents: row.amount_cents, reference })
  })
}
