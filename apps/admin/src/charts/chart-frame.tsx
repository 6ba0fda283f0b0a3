import DownloadOutlined from '@mui/icons-material/FileDownloadOutlined'
import ShowChart from '@mui/icons-material/ShowChart'
import TableChartOutlined from '@mui/icons-material/TableChartOutlined'
import { Box, IconButton, Paper, Tooltip, Typography } from '@mui/material'
import type { ReactNode } from 'react'

interface ChartFrameProps {
  title: string
  help?: string | undefined
  /** Beside the title: how old the data is. */
  badge?: ReactNode
  /** Absent while there is nothing to show as a table or to download. */
  behind?: { asTable: boolean; onToggle: () => void; onDownload: () => void } | undefined
  children: ReactNode
}

/** Title of a chart, and the ways to what is behind the picture: its table and its CSV. */
export function ChartFrame({ title, help, badge, behind, children }: ChartFrameProps): ReactNode {
  return (
    <Paper component="section" aria-label={title} sx={{ p: 1.5, minWidth: 0, position: 'relative' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.5, minHeight: 32, mb: 0.5 }}>
        <Tooltip title={help ?? ''} placement="bottom-start">
          <Typography variant="h3" component="h3" sx={{ flexGrow: 1, minWidth: 0 }}>
            {title}
          </Typography>
        </Tooltip>
        {badge}
        {behind === undefined ? null : (
          <Box sx={{ display: 'flex', color: 'text.secondary' }}>
            <Tooltip title={behind.asTable ? 'Show as chart' : 'Show as table'}>
              <IconButton
                color="inherit"
                aria-label={`${title}: ${behind.asTable ? 'chart' : 'table'}`}
                onClick={behind.onToggle}
              >
                {behind.asTable ? <ShowChart fontSize="small" /> : <TableChartOutlined fontSize="small" />}
              </IconButton>
            </Tooltip>
            <Tooltip title="Download CSV">
              <IconButton color="inherit" aria-label={`${title}: download CSV`} onClick={behind.onDownload}>
                <DownloadOutlined fontSize="small" />
              </IconButton>
            </Tooltip>
          </Box>
        )}
      </Box>
      {children}
    </Paper>
  )
}
