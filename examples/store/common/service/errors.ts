import { defineErrors } from '@millrace/core'

/** What the services answer when they cannot do what was asked. `@millrace/core` turns each into RFC 9457. */
export const storeErrors = defineErrors('STORE', {
  INPUT_INVALID: {
    status: 400,
    title: 'Invalid input',
    message: (d: { where: string; problems: { path: string; message: string }[] }) =>
      `The ${d.where} is not valid: ${d.problems.map((p) => `${p.path === '' ? '' : `${p.path}: `}${p.message}`).join('; ')}`,
  },
  NOT_FOUND: {
    status: 404,
    title: 'Not found',
    message: (d: { what: string; id: string }) => `There is no ${d.what} '${d.id}'.`,
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'No such route',
    message: (d: { method: string; path: string }) =>
      `${d.method} ${d.path} is not an endpoint of this service.`,
  },
  MEMBER_UNKNOWN: {
    status: 422,
    title: 'Unknown member',
    message: (d: { memberId: number }) => `There is no member ${d.memberId}.`,
  },
  DUPLICATE: {
    status: 409,
    title: 'Exists already',
    message: (d: { field: string; value: string }) => `${d.field} '${d.value}' exists already.`,
  },
  CART_EMPTY: {
    status: 409,
    title: 'Cart is empty',
    message: (d: { cartId: string }) => `Cart '${d.cartId}' has nothing in it.`,
  },
  CART_FULL: {
    status: 409,
    title: 'Cart is full',
    message: (d: { max: number }) => `A cart holds at most ${d.max} different products.`,
  },
  SOLD_OUT: {
    status: 409,
    title: 'Not enough left',
    message: (d: { productId: number; left: number }) =>
      `Of product ${d.productId} only ${d.left} are left. Lower the quantity or remove it from the cart.`,
  },
  ORDER_NOT_PAYABLE: {
    status: 409,
    title: 'Order cannot be paid',
    message: (d: { orderId: number; accepted: readonly string[] }) =>
      `Order ${d.orderId} cannot be paid: only orders that are ${d.accepted.join(' or ')} can.`,
  },
  FILE_TYPE: {
    status: 415,
    title: 'Not a picture',
    message: (d: { accepted: readonly string[] }) =>
      `The file is not a picture that can be read. Accepted: ${d.accepted.join(', ')}.`,
  },
  FILE_TOO_LARGE: {
    status: 413,
    title: 'File too large',
    message: (d: { maxBytes: number }) => `The file is larger than ${d.maxBytes} bytes.`,
  },
  FILE_MISSING: {
    status: 400,
    title: 'No file',
    message: (d: { field: string }) => `Send one file as multipart/form-data in the field '${d.field}'.`,
  },
  STORAGE_FULL: {
    status: 507,
    title: 'Storage is full',
    message: (d: { maxBytes: number }) =>
      `Uploads may take ${d.maxBytes} bytes together, and they do. Delete some.`,
    expose: true,
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'Database unavailable',
    message: () => 'The database does not answer at the moment. Try again shortly.',
    expose: true,
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'Invalid request',
    message: (d: { reason: string }) => d.reason,
  },
  SETTING_MISSING: {
    status: 500,
    title: 'Setting missing',
    message: (d: { name: string }) => `Set the environment variable ${d.name}.`,
  },
})
