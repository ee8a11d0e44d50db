import type { Progress } from '../progress/store.ts'
import { wrap } from '../text/wrap.ts'
import type { Context } from './context.ts'

/** Says what there is to say of the progress file: only who met the broken file knows of it. */
export function sayNotice(context: Context, progress: Progress): Progress {
  if (progress.notice) context.print(`\n${wrap(progress.notice, context.look().width).join('\n')}\n`)
  return progress
}
