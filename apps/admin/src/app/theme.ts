import { createTheme, type Theme } from '@mui/material/styles'

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'
export const MONO = 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace'

const border = (color: string): string => `1px solid ${color}`

/** Quiet surfaces, dense rows, colour for meaning only: the data is what should stand out. */
export const theme: Theme = createTheme({
  cssVariables: { colorSchemeSelector: 'class' },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: '#0b6391' },
        success: { main: '#0f7550' },
        warning: { main: '#975a00' },
        error: { main: '#b3264a' },
        info: { main: '#0b6391' },
        background: { default: '#f5f7f9', paper: '#ffffff' },
        text: { primary: '#14202b', secondary: '#55626f' },
        divider: '#dfe4ea',
      },
    },
    dark: {
      palette: {
        primary: { main: '#5cb8e6' },
        success: { main: '#3fc891' },
        warning: { main: '#f0b04a' },
        error: { main: '#f3708f' },
        info: { main: '#5cb8e6' },
        background: { default: '#0c1117', paper: '#131a22' },
        text: { primary: '#e4eaf0', secondary: '#98a5b3' },
        divider: '#252f3a',
      },
    },
  },
  shape: { borderRadius: 8 },
  typography: {
    fontFamily: FONT,
    fontSize: 13,
    h1: { fontSize: '1.25rem', fontWeight: 650, letterSpacing: '-0.01em', lineHeight: 1.3 },
    h2: { fontSize: '0.9375rem', fontWeight: 600, lineHeight: 1.4 },
    h3: { fontSize: '0.8125rem', fontWeight: 600, lineHeight: 1.4 },
    body1: { fontSize: '0.875rem' },
    body2: { fontSize: '0.8125rem' },
    caption: { fontSize: '0.75rem' },
    button: { textTransform: 'none', fontWeight: 550 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        html: { colorScheme: 'light dark' },
        body: { fontVariantNumeric: 'tabular-nums', overflowWrap: 'break-word' },
        'code, pre, kbd': { fontFamily: MONO, fontSize: '0.92em' },
        '@media (prefers-reduced-motion: reduce)': {
          '*, *::before, *::after': {
            animationDuration: '0.01ms !important',
            transitionDuration: '0.01ms !important',
          },
        },
      },
    },
    MuiPaper: {
      defaultProps: { variant: 'outlined' },
      styleOverrides: { root: { backgroundImage: 'none' } },
    },
    MuiButton: { defaultProps: { size: 'small', disableElevation: true } },
    MuiButtonBase: {
      defaultProps: { disableRipple: true },
      styleOverrides: {
        root: ({ theme: t }) => ({
          fontFamily: 'inherit',
          '&.Mui-focusVisible': {
            outline: `2px solid ${t.vars?.palette.primary.main ?? ''}`,
            outlineOffset: 2,
          },
        }),
      },
    },
    MuiIconButton: { defaultProps: { size: 'small' } },
    MuiTextField: { defaultProps: { size: 'small' } },
    MuiSelect: { defaultProps: { size: 'small' } },
    MuiChip: { defaultProps: { size: 'small' } },
    MuiTable: { defaultProps: { size: 'small' } },
    MuiTableCell: {
      styleOverrides: {
        root: ({ theme: t }) => ({
          borderBottom: border(t.vars?.palette.divider ?? ''),
          fontSize: '0.8125rem',
          [t.breakpoints.down('sm')]: { paddingLeft: 10, paddingRight: 10 },
        }),
        head: ({ theme: t }) => ({
          color: t.vars?.palette.text.secondary,
          fontWeight: 550,
          whiteSpace: 'nowrap',
        }),
      },
    },
    MuiTooltip: { defaultProps: { enterDelay: 400, arrow: true } },
    MuiTabs: { styleOverrides: { root: { minHeight: 38 }, indicator: { height: 2 } } },
    MuiTab: {
      styleOverrides: { root: { minHeight: 38, padding: '8px 12px', minWidth: 0, fontSize: '0.8125rem' } },
    },
    MuiDialog: { styleOverrides: { paper: { backgroundImage: 'none' } } },
    MuiLink: { defaultProps: { underline: 'always' } },
  },
})
