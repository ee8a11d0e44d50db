/** How text may look where it is printed: everything that draws text takes one of these and nothing else of the world. */
export interface Theme {
  /** Columns that a line may take. */
  width: number
  colour: boolean
  /** False where only ASCII shows rightly: then symbols, boxes and arrows are ASCII too. */
  unicode: boolean
}

const NARROWEST = 40
/** Prose in longer lines is hard to read, however wide the terminal. */
const WIDEST = 100

/** The look that a stream can show: its width, and what the environment says of colour and characters. */
export function themeOf(
  stream: { isTTY?: boolean | undefined; columns?: number | undefined },
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Theme {
  const columns = stream.columns || Number(env.COLUMNS) || 80
  return {
    width: Math.min(Math.max(columns, NARROWEST), WIDEST),
    colour: hasColour(stream.isTTY === true, env),
    unicode: hasUnicode(env, platform),
  }
}

function hasColour(isTTY: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return isTTY && env.TERM !== 'dumb'
}

function hasUnicode(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false
  // Windows has no locale variables: its newer terminals say who they are.
  if (platform === 'win32') return Boolean(env.WT_SESSION || env.TERM_PROGRAM || env.TERM || env.CI)
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  // A Mac started from the Finder has no locale and a UTF-8 terminal.
  return /utf-?8/i.test(locale) || (platform === 'darwin' && locale === '')
}
