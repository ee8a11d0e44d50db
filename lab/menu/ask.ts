import type { Context } from './context.ts'
import { type Choice, pick, type Separator } from './pick.ts'

/** Asks the student to pick; leaving by Ctrl-C or the end of the input rejects, and the menu's loop deals with it. */
export function ask<V>(
  context: Context,
  config: { message: string; choices: (Choice<V> | Separator)[]; at?: V | undefined },
): Promise<V> {
  const { io, interrupts, statusLine } = context
  return pick({ ...config, statusLine, look: context.look() }, io, interrupts.leaving)
}

/** A question that is answered with y or n; 'no' is where the pointer stands. */
export function confirm(context: Context, message: string, yes: string, no: string): Promise<boolean> {
  return ask<boolean>(context, {
    message,
    choices: [
      { value: false, name: no, key: 'n' },
      { value: true, name: yes, key: 'y' },
    ],
  })
}
