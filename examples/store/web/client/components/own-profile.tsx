import { useRevalidator } from 'react-router'
import { formatAge } from '../data/format.ts'
import { send } from '../data/http.ts'
import type { Notification, Profile } from '../data/types.ts'
import { FormError } from './states.tsx'
import { useSubmit } from './use-submit.ts'

export function Notifications(props: { userId: number; items: readonly Notification[]; unread: number }) {
  const { pending, error, submit } = useSubmit()
  const { revalidate } = useRevalidator()
  return (
    <section aria-labelledby="notifications">
      <h2 id="notifications">Notifications</h2>
      {props.items.length === 0 && <p className="muted">Nothing new.</p>}
      <ul className="notifications">
        {props.items.map((item) => (
          <li key={item.id} data-unread={!item.isRead}>
            {item.body} <span className="muted">{formatAge(item.createdAt)}</span>
          </li>
        ))}
      </ul>
      {props.unread > 0 && (
        <button
          type="button"
          className="quiet"
          disabled={pending}
          onClick={() =>
            submit(async () => {
              await send('POST', `/user/users/${props.userId}/notifications/read`, {})
              await revalidate()
            })
          }
        >
          Mark {props.unread} as read
        </button>
      )}
      <FormError error={error} />
    </section>
  )
}

export function SkillForm({ userId }: { userId: number }) {
  const { pending, error, submit } = useSubmit()
  const { revalidate } = useRevalidator()
  return (
    <details>
      <summary>Add a skill</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const form = event.currentTarget
          const fields = new FormData(form)
          submit(async () => {
            const skill = { name: fields.get('name'), level: Number(fields.get('level')) }
            await send('POST', `/user/users/${userId}/skills`, skill)
            form.reset()
            await revalidate()
          })
        }}
      >
        <label>
          <span>Skill</span>
          <input name="name" required maxLength={60} />
        </label>
        <label>
          <span>Level, 1 to 5</span>
          <input name="level" type="number" min={1} max={5} defaultValue={3} required />
        </label>
        <button type="submit" disabled={pending}>
          Add
        </button>
        <FormError error={error} />
      </form>
    </details>
  )
}

export function ProfileForm({ profile }: { profile: Profile }) {
  const { pending, error, submit } = useSubmit()
  const { revalidate } = useRevalidator()
  return (
    <details>
      <summary>Change your profile</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const change = Object.fromEntries(new FormData(event.currentTarget))
          submit(async () => {
            await send('PUT', `/user/profile/${profile.id}`, change)
            await revalidate()
          })
        }}
      >
        <label>
          <span>Name</span>
          <input
            name="displayName"
            defaultValue={profile.displayName}
            required
            maxLength={80}
            autoComplete="name"
          />
        </label>
        <label>
          <span>About you</span>
          <textarea name="bio" defaultValue={profile.bio} required maxLength={500} rows={3} />
        </label>
        <label>
          <span>City</span>
          <input
            name="city"
            defaultValue={profile.city}
            required
            maxLength={80}
            autoComplete="address-level2"
          />
        </label>
        <button type="submit" disabled={pending}>
          {pending ? 'Saving…' : 'Save'}
        </button>
        <FormError error={error} />
      </form>
    </details>
  )
}
