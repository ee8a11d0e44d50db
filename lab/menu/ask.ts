import pc from 'picocolors'
import { symbolsOf } from '../text/symbols.ts'
import type { Context } from './context.ts'
import { lines } from './frame.ts'
import { statusLine } from './status.ts'

export interface Choice<V> {
  value: V
  name: string
  key: string
}

/** Lets the student choose, by the key beside it or with arrows and Enter; undefined when that is left with Esc. */
export async function choose<V>(context: Context, message: string, choices: Choice<V>[]): Promise<V | undefined> {
  let at = 0
  context.surface.show(() => {
    const theme = context.theme()
    const { bold, cyan, dim } = pc.createColors(theme.colour)
    const { pointer } = symbolsOf(theme)
    const head = [...lines(bold(message), theme), '']
    const rows = choices.map(({ key, name }, i) => {
      const row = `${i === at ? pointer : ' '} ${key.padStart(2)}  ${name}`
      return i === at ? cyan(row) : row
    })
    return {
      id: message,
      body: [...head, ...rows],
      foot: [statusLine(context, theme), dim('the key beside it chooses, or arrows and Enter; Esc goes back')],
      at: head.length + at,
    }
  })
  for (;;) {
    const key = await context.key()
    const picked = choices.find((choice) => choice.key === key)
    if (picked) return picked.value
    if (key === 'escape') return undefined
    if (key === 'enter') return choices[at]?.value
    if (key === 'up') at = Math.max(0, at - 1)
    if (key === 'down') at = Math.min(choices.length - 1, at + 1)
    context.surface.redraw()
  }
}

/** A question that is answered with y or n; 'no' is where the pointer stands. */
export async function confirm(context: Context, message: string, yes: string, no: string): Promise<boolean> {
  const answer = await choose(context, message, [
    { value: false, name: no, key: 'n' },
    { value: true, name: yes, key: 'y' },
  ])
  return answer === true
}
