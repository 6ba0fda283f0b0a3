import express from 'express'

const app = express()
const orders = express.Router({ mergeParams: true })
orders.get('/', (_request, response) => response.json([]))
orders.get('/:order', (_request, response) => response.json({}))
orders.get('/:order/fail', () => {
  throw new Error('expected by the test')
})
app.use('/shops/:shop/orders', orders)
app.get('/', (_request, response) => response.send('home'))
app.get('/products/:id', (request, response) => response.json({ id: request.params.id }))
app.use((_error, _request, response, _next) => response.status(500).send('failed'))
const server = app.listen(Number(process.env.PORT), () =>
  process.stdout.write(`${JSON.stringify(server.address())}\n`),
)
