import { useEffect, useRef } from 'react'
import { Form, Link, NavLink, Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router'
import { countItems, refreshCart, useCart } from '../data/cart.ts'
import { MEMBER } from '../data/member.ts'
import { CartIcon, PersonIcon, SearchIcon, WaveIcon } from './icons.tsx'

const SECTIONS = [
  ['/products', 'Shop'],
  ['/feed', 'Feed'],
  ['/wiki', 'Wiki'],
  ['/videos', 'Videos'],
  ['/upload', 'Upload'],
] as const

export function Layout() {
  const { pathname } = useLocation()
  const { state } = useNavigation()
  const main = useRef<HTMLElement>(null)
  const entered = useRef(pathname)

  useEffect(() => {
    // Shown in the header only: a page that needs the cart reports its own failure.
    refreshCart().catch(() => undefined)
  }, [])

  useEffect(() => {
    // A screen reader would otherwise not notice that the page has changed.
    if (entered.current !== pathname) main.current?.focus({ preventScroll: true })
    entered.current = pathname
  }, [pathname])

  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <div className="progress" data-active={state !== 'idle'} aria-hidden="true" />
      <Header />
      <main id="content" ref={main} tabIndex={-1} aria-busy={state === 'loading'}>
        <Outlet />
      </main>
      <Footer />
      <ScrollRestoration />
    </>
  )
}

function Header() {
  const count = countItems(useCart())
  return (
    <header className="site-header">
      <div className="bar">
        <Link to="/" className="brand">
          <WaveIcon />
          <span>Tailrace</span>
        </Link>
        <nav aria-label="Sections" className="sections">
          {SECTIONS.map(([to, label]) => (
            <NavLink key={to} to={to}>
              {label}
            </NavLink>
          ))}
        </nav>
        <search className="site-search">
          <Form action="/search">
            <SearchIcon />
            <input
              type="search"
              name="q"
              placeholder="Search"
              aria-label="Search the store"
              maxLength={100}
              required
            />
          </Form>
        </search>
        <Link to={`/members/${MEMBER.id}`} className="icon-link" aria-label={`Your profile, ${MEMBER.name}`}>
          <PersonIcon />
        </Link>
        <Link
          to="/cart"
          className="icon-link"
          aria-label={`Cart, ${count} ${count === 1 ? 'item' : 'items'}`}
        >
          <CartIcon />
          {count > 0 && (
            <span className="badge" aria-hidden="true">
              {count}
            </span>
          )}
        </Link>
      </div>
    </header>
  )
}

function Footer() {
  return (
    <footer className="site-footer">
      <div className="bar">
        <p>
          <strong>Tailrace</strong> is the reference application of Millrace. Its goods, members and payments
          are invented; nothing is ever sold.
        </p>
        <p>
          The photographs are from the{' '}
          <a href="https://www.getty.edu/about/whatwedo/opencontent.html" rel="noreferrer">
            Getty’s Open Content Program
          </a>
          , in the public domain.
        </p>
      </div>
    </footer>
  )
}
