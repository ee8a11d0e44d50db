import { symbolsOf } from './symbols.ts'
import type { Theme } from './theme.ts'

/** How much of something is done: '████░░░░ 2 of 4'. */
export function bar(done: number, total: number, theme: Theme, length = 20): string {
  const symbols = symbolsOf(theme)
  const share = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 0
  const full = Math.floor(share * length)
  return `${symbols.full.repeat(full)}${symbols.empty.repeat(length - full)} ${done} of ${total}`
}
