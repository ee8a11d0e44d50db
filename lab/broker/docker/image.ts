import type { LabError } from '../../errors.ts'
import { messages } from '../messages.ts'
import { type Engine, EngineError, type ImageConfig, type PullLine } from './engine.ts'

/** How long a registry may say nothing before it begins to send. */
const SILENCE_MS = 30_000

export interface Pulling {
  report: (text: string) => void
  signal: AbortSignal
  /** Pulls as the user that `docker login` knows; tried where an anonymous pull is refused. */
  pullWithLogin: () => Promise<void>
  silenceMs?: number
}

/** Has the image here, pulling it where it is not. */
export async function ensureImage(engine: Engine, name: string, options: Pulling): Promise<ImageConfig> {
  const here = await engine.image(name)
  if (here) return here
  options.report(`pulling ${name}`)
  let refused: LabError | undefined
  // Without a network the engine tries, and tries again, for minutes.
  const { silenceMs = SILENCE_MS } = options
  const silence = new AbortController()
  const said = `no answer for ${silenceMs / 1000} s`
  const timer = setTimeout(() => silence.abort(messages.imageUnreachable(name, said)), silenceMs)
  const show = showProgress(name, options.report)
  const onLine = (line: PullLine) => {
    clearTimeout(timer)
    show(line)
  }
  try {
    await engine.pull(name, onLine, AbortSignal.any([options.signal, silence.signal]))
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    refused = explainPull(name, error.message)
    if (refused.code !== 'pull-limit' && refused.code !== 'image-unknown') throw refused
    await options.pullWithLogin().catch(() => {})
  } finally {
    clearTimeout(timer)
  }
  const pulled = await engine.image(name)
  if (pulled === undefined) throw refused ?? messages.imageUnknown(name, "it isn't there after the pull")
  return pulled
}

/** A registry's words, told apart. */
export function explainPull(name: string, words: string): LabError {
  const said = words.replace(/\.$/, '')
  if (/toomanyrequests|too many requests|rate limit/i.test(words)) return messages.pullLimit(name, said)
  if (/manifest unknown|not found|denied|unauthorized|authentication required|does not exist/i.test(words)) {
    return messages.imageUnknown(name, said)
  }
  if (/dial tcp|lookup|no such host|timeout|time-out|unreachable|refused|proxyconnect|TLS|EOF|canceled/i.test(words)) {
    return messages.imageUnreachable(name, said)
  }
  return messages.pullFailed(name, said)
}

/** Sums the layers up; says something only when the number of percent changes. */
function showProgress(name: string, report: (text: string) => void): (line: PullLine) => void {
  const layers = new Map<string, { current: number; total: number }>()
  let shown = -1
  return ({ id, status, progressDetail: detail }) => {
    if (id === undefined) return
    if (status === 'Downloading' && detail?.total) layers.set(id, { current: detail.current ?? 0, total: detail.total })
    const layer = layers.get(id)
    if (layer && (status === 'Download complete' || status === 'Pull complete')) layer.current = layer.total
    const total = sum([...layers.values()].map((each) => each.total))
    if (total === 0) return
    const percent = Math.floor((100 * sum([...layers.values()].map((each) => each.current))) / total)
    if (percent === shown) return
    shown = percent
    report(`pulling ${name}, ${percent} % of ${Math.ceil(total / 1e6)} MB`)
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
