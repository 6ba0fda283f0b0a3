import { useEffect, useRef, useState } from 'react'
import { PageTitle } from '../components/page-title.tsx'
import { FormError } from '../components/states.tsx'
import { UploadIcon } from '../components/icons.tsx'
import { useSubmit } from '../components/use-submit.ts'
import { formatBytes, formatCount } from '../data/format.ts'
import { sendForm } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { UploadedFile } from '../data/types.ts'
import '../styles/upload.css'

const ACCEPTED = 'image/jpeg,image/png,image/webp,image/avif'

function release(address: string | undefined): void {
  if (address !== undefined) URL.revokeObjectURL(address)
}

export function Component() {
  const [file, setFile] = useState<File>()
  const [preview, setPreview] = useState<string>()
  const [uploaded, setUploaded] = useState<UploadedFile>()
  const { pending, error, submit } = useSubmit()

  // The browser keeps the file in memory until its address is given back.
  const address = useRef<string>(undefined)
  useEffect(() => () => release(address.current), [])

  const choose = (chosen: File | null | undefined): void => {
    if (!chosen) return
    release(address.current)
    address.current = URL.createObjectURL(chosen)
    setFile(chosen)
    setPreview(address.current)
    setUploaded(undefined)
  }

  return (
    <div className="page narrow">
      <PageTitle title="Upload" />
      <h1>Upload a picture</h1>
      <p>It is stored in four sizes, without the place and time that cameras write into their files.</p>
      <form
        className="upload"
        onSubmit={(event) => {
          event.preventDefault()
          if (file === undefined) return
          const form = new FormData()
          form.set('ownerId', String(MEMBER.id))
          form.set('file', file)
          submit(async () => setUploaded(await sendForm<UploadedFile>('/media/upload', form)))
        }}
      >
        <label className="drop">
          {preview === undefined ? <UploadIcon /> : <img src={preview} alt="" />}
          <span>{file === undefined ? 'Choose a picture, or drop one here' : file.name}</span>
          <span className="muted">
            {file === undefined ? 'JPEG, PNG, WebP or AVIF, up to 10 MB' : formatBytes(file.size)}
          </span>
          <input type="file" accept={ACCEPTED} onChange={(event) => choose(event.target.files?.item(0))} />
        </label>
        <button type="submit" disabled={pending || file === undefined}>
          {pending ? 'Uploading…' : 'Upload'}
        </button>
        <FormError error={error} />
      </form>
      {uploaded !== undefined && <Sizes file={uploaded} />}
    </div>
  )
}

function Sizes({ file }: { file: UploadedFile }) {
  return (
    <section aria-labelledby="sizes">
      <h2 id="sizes">Stored</h2>
      <output className="muted">
        {formatCount(file.width)} × {formatCount(file.height)} pixels, {formatBytes(file.bytes)} as uploaded
      </output>
      <ul className="sizes">
        {file.variants.map((variant) => (
          <li key={variant.name}>
            <a href={`/services/media${variant.src}`}>
              <img
                src={`/services/media${variant.src}`}
                width={variant.width}
                height={variant.height}
                alt={`${file.name}, ${variant.name}`}
                loading="lazy"
                decoding="async"
              />
            </a>
            <strong>{variant.name}</strong>
            <span className="muted">
              {variant.width} × {variant.height}, {formatBytes(variant.bytes)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
