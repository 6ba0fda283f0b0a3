import { Link } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'

export function Component() {
  return (
    <div className="page state">
      <PageTitle title="Not found" />
      <h1>This page is not hanging here</h1>
      <p>It may have been moved, or it never existed.</p>
      <Link to="/products" className="button">
        Browse the shop
      </Link>
    </div>
  )
}
