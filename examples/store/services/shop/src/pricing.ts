export const CURRENCY = 'EUR'

const FREE_SHIPPING_FROM_CENTS = 5_000
const SHIPPING_CENTS = 490

/** Free from 50 €; an empty cart ships nothing. */
export const shippingCents = (itemsCents: number): number =>
  itemsCents === 0 || itemsCents >= FREE_SHIPPING_FROM_CENTS ? 0 : SHIPPING_CENTS
