import type { Look } from './look.ts'
import { symbolsOf } from './symbols.ts'

/** How much of something is done: '████░░░░ 2 of 4'. */
export function bar(done: number, total: number, look: Look, length = 20): string {
  const symbols = symbolsOf(look)
  const share = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 0
  const full = Math.floor(share * length)
  return `${symbols.full.repeat(full)}${symbols.empty.repeat(length - full)} ${done} of ${total}`
}
