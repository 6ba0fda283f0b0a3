import { useSyncExternalStore } from 'react'
import { get, send, ServiceError } from './http.ts'
import type { Cart } from './types.ts'

const STORAGE_KEY = 'tailrace-cart'

/** `undefined`: not known yet; `null`: none, which is an empty one. */
let cart: Cart | null | undefined
const listeners = new Set<() => void>()

function publish(next: Cart | null): void {
  cart = next
  for (const listener of listeners) listener()
}

const storedId = (): string | null => localStorage.getItem(STORAGE_KEY)

/** Reads the visitor's cart from the shop; forgets it when the shop does not know it any more. */
export async function refreshCart(): Promise<void> {
  const id = storedId()
  if (id === null) return publish(null)
  try {
    return publish(await get<Cart>(`/shop/carts/${id}`))
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status !== 404) throw error
    localStorage.removeItem(STORAGE_KEY)
    return publish(null)
  }
}

async function requireCart(): Promise<Cart> {
  if (cart === undefined) await refreshCart()
  if (cart) return cart
  const created = await send<Cart>('POST', '/shop/carts')
  localStorage.setItem(STORAGE_KEY, created.id)
  return created
}

/** Adds to what is in the cart already. */
export async function addToCart(productId: number, quantity: number): Promise<void> {
  const current = await requireCart()
  const held = current.items.find((item) => item.product.id === productId)?.quantity ?? 0
  await setQuantity(current.id, productId, Math.min(99, held + quantity))
}

export async function setQuantity(cartId: string, productId: number, quantity: number): Promise<void> {
  const path = `/shop/carts/${cartId}/items/${productId}`
  publish(quantity === 0 ? await send<Cart>('DELETE', path) : await send<Cart>('PUT', path, { quantity }))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useCart = (): Cart | null | undefined => useSyncExternalStore(subscribe, () => cart)

export const countItems = (of: Cart | null | undefined): number =>
  of?.items.reduce((sum, item) => sum + item.quantity, 0) ?? 0
