import type { Product } from '../data/types.ts'
import { Picture } from './picture.tsx'

const FRAMES: Record<string, string> = {
  'Framed in oak': 'oak',
  'Framed in black ash': 'ash',
  'Framed in walnut': 'walnut',
}

/** A product's picture as what it is sold as: in its frame, on its paper, on the wall. */
export function Mount({ product, sizes, eager }: { product: Product; sizes: string; eager?: boolean }) {
  const shape = product.picture.height > product.picture.width ? 'tall' : 'wide'
  return (
    <div className="wall">
      <div
        className={`mount mount-${product.category}`}
        data-frame={FRAMES[product.format]}
        data-shape={shape}
      >
        <Picture picture={product.picture} sizes={sizes} eager={eager} />
      </div>
    </div>
  )
}
