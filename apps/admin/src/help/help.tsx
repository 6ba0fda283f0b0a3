import {
  Box,
  Link as MuiLink,
  Paper,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material'
import { useQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { toApiError } from '../api/client.ts'
import { useHref } from '../app/links.ts'
import { sectionAt } from '../app/navigation.ts'
import { Page } from '../ui/page.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { CONTENTS, documentOf, loadDocument } from './documents.ts'
import { parseMarkdown, type Block, type Inline } from './markdown.ts'

/** `/help`: the guide. `/help/<document>`: one page of it. */
export function HelpScreen(): ReactNode {
  const { name = CONTENTS } = useParams()
  const { data, error, refetch } = useQuery({
    queryKey: ['document', name],
    queryFn: async () => (await loadDocument(name)) ?? null,
    staleTime: Infinity,
  })
  return (
    <Page section={sectionAt('help')!}>
      {data === undefined ? (
        error === null ? (
          <Loading height={320} label="Help: loading" />
        ) : (
          <Failed error={toApiError(error)} onRetry={() => void refetch()} />
        )
      ) : data === null ? (
        <Empty title={`There is no page '${name}'`} />
      ) : (
        <Paper
          component="article"
          sx={{ p: { xs: 2, sm: 3 }, maxWidth: 760, minWidth: 0, '& > :first-of-type': { mt: 0 } }}
        >
          {parseMarkdown(data).map((block, index) => (
            // A document does not change while it is shown.
            // oxlint-disable-next-line react/no-array-index-key
            <BlockView key={index} block={block} />
          ))}
        </Paper>
      )}
    </Page>
  )
}

function BlockView({ block }: { block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading':
      return (
        <Typography
          variant={block.level === 1 ? 'h1' : 'h2'}
          component={block.level < 3 ? 'h2' : 'h3'}
          sx={{ mt: 3, mb: 1 }}
        >
          <Inlines content={block.content} />
        </Typography>
      )
    case 'paragraph':
      return (
        <Typography sx={{ my: 1, lineHeight: 1.6 }}>
          <Inlines content={block.content} />
        </Typography>
      )
    case 'code':
      return (
        <Box
          component="pre"
          sx={{
            p: 1.5,
            my: 1.5,
            bgcolor: 'background.default',
            border: 1,
            borderColor: 'divider',
            borderRadius: 1,
            whiteSpace: 'pre-wrap',
            fontSize: '0.8125rem',
          }}
        >
          {block.text}
        </Box>
      )
    case 'list':
      return (
        <Box
          component={block.ordered ? 'ol' : 'ul'}
          sx={{ pl: 3, my: 1, lineHeight: 1.6, fontSize: '0.875rem' }}
        >
          {block.items.map((item, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <Inlines content={item} />
            </li>
          ))}
        </Box>
      )
    default:
      return <TableView head={block.head} rows={block.rows} />
  }
}

function TableView({ head, rows }: { head: Inline[][]; rows: Inline[][][] }): ReactNode {
  const row = (cells: Inline[][]): ReactNode[] =>
    cells.map((cell, index) => (
      // oxlint-disable-next-line react/no-array-index-key
      <TableCell key={index}>
        <Inlines content={cell} />
      </TableCell>
    ))
  return (
    <Box sx={{ overflowX: 'auto', my: 1.5 }}>
      <Table>
        <TableHead>
          <TableRow>{row(head)}</TableRow>
        </TableHead>
        <TableBody>
          {rows.map((cells, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <TableRow key={index}>{row(cells)}</TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  )
}

function Inlines({ content }: { content: Inline[] }): ReactNode {
  return content.map((part, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <Fragment key={index}>
      <InlineView part={part} />
    </Fragment>
  ))
}

function InlineView({ part }: { part: Inline }): ReactNode {
  const href = useHref()
  if (part.kind !== 'link') {
    if (part.kind === 'code') return <code>{part.text}</code>
    return part.kind === 'strong' ? <strong>{part.text}</strong> : part.text
  }
  const name = documentOf(part.href)
  if (name !== undefined) {
    return (
      <MuiLink component={Link} to={href(`/help/${name}`)}>
        {part.text}
      </MuiLink>
    )
  }
  if (/^https?:/.test(part.href)) {
    return (
      <MuiLink href={part.href} target="_blank" rel="noreferrer">
        {part.text}
      </MuiLink>
    )
  }
  // A file of the repository, which the panel does not serve: its path says where to find it.
  return (
    <>
      {part.text} (<code>{part.href.replace(/^(\.\.\/)+/, '')}</code>)
    </>
  )
}
