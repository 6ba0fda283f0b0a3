import { createBrowserRouter } from 'react-router'
import { Layout } from './components/layout.tsx'
import { FirstLoad, PageError } from './components/states.tsx'

/** Every page is a chunk of its own that is loaded, together with its data, when somebody goes there. */
export const router = createBrowserRouter([
  {
    Component: Layout,
    HydrateFallback: FirstLoad,
    children: [
      {
        ErrorBoundary: PageError,
        children: [
          { index: true, lazy: () => import('./pages/home.tsx') },
          { path: 'products', lazy: () => import('./pages/products.tsx') },
          { path: 'products/:id', lazy: () => import('./pages/product.tsx') },
          { path: 'cart', lazy: () => import('./pages/cart.tsx') },
          { path: 'checkout', lazy: () => import('./pages/checkout.tsx') },
          { path: 'orders/:id', lazy: () => import('./pages/order.tsx') },
          { path: 'feed', lazy: () => import('./pages/feed.tsx') },
          { path: 'posts/:id', lazy: () => import('./pages/post.tsx') },
          { path: 'wiki', lazy: () => import('./pages/wiki.tsx') },
          { path: 'wiki/:slug', lazy: () => import('./pages/wiki-page.tsx') },
          { path: 'videos', lazy: () => import('./pages/videos.tsx') },
          { path: 'members/:id', lazy: () => import('./pages/profile.tsx') },
          { path: 'search', lazy: () => import('./pages/search.tsx') },
          { path: 'upload', lazy: () => import('./pages/upload.tsx') },
          { path: '*', lazy: () => import('./pages/not-found.tsx') },
        ],
      },
    ],
  },
])
