import type { ReactNode } from 'react'
import { isRouteErrorResponse, Link, useRevalidator, useRouteError } from 'react-router'
import { ServiceError } from '../data/http.ts'

/** While the first page is on its way. */
export function FirstLoad() {
  return (
    <div className="page first-load">
      <output className="visually-hidden">Loading</output>
      <div className="skeleton skeleton-title" />
      <div className="skeleton skeleton-hero" />
      <div className="skeleton-row">
        <div className="skeleton" />
        <div className="skeleton" />
        <div className="skeleton" />
        <div className="skeleton" />
      </div>
    </div>
  )
}

function describe(error: unknown): { title: string; detail: string } {
  if (error instanceof ServiceError) return { title: error.title, detail: error.message }
  if (isRouteErrorResponse(error)) return { title: error.statusText, detail: String(error.data) }
  return { title: 'Something went wrong', detail: 'This page could not be shown. Trying again often helps.' }
}

/** Instead of a page whose data could not be had. */
export function PageError() {
  const { title, detail } = describe(useRouteError())
  const { revalidate, state } = useRevalidator()
  return (
    <div className="page state" role="alert">
      <h1>{title}</h1>
      <p>{detail}</p>
      <p className="actions">
        <button type="button" disabled={state === 'loading'} onClick={() => void revalidate()}>
          Try again
        </button>
        <Link to="/">Go to the front page</Link>
      </p>
    </div>
  )
}

/** Instead of a list with nothing in it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** Under a form that failed. */
export function FormError({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null
  return (
    <p className="form-error" role="alert">
      {error instanceof Error ? error.message : 'That did not work. Please try again.'}
    </p>
  )
}
