import { AbortPromptError } from '@inquirer/core'
import pc from 'picocolors'
import { wrap } from '../text/wrap.ts'
import type { Context } from './context.ts'
import { asManyAsFit, lines } from './screen.ts'

export interface Choice<V> {
  value: V
  name: string
}

/** A question of Inquirer's, by its type; the message is wrapped here. */
export type Question<V> = { message: string } & (
  | { type: 'confirm'; default: boolean }
  | { type: 'select'; choices: Choice<V>[]; default?: V }
  | { type: 'search'; source: (term: string | undefined) => Choice<V>[]; default?: V; initialValue?: string }
)

/** Lines of the window that are neither the message nor choices: the help, and the lines around it. */
const LINES_AROUND = 3
/** Columns for ' (y/N) ' and the answer. */
const ANSWER = 10

/**
 * Asks a question until it is answered; undefined when it is left with Esc.
 *
 * @param question asked for anew when something has changed meanwhile, such as a verdict; it may be the answer by then
 */
export async function ask<V>(context: Context, question: () => Question<V> | { answer: V }): Promise<V | undefined> {
  const { default: inquirer } = await import('inquirer')
  const { window, interrupts } = context
  let pointedAt: V | undefined
  for (;;) {
    interrupts.leaving.throwIfAborted()
    const now = question()
    if ('answer' in now) return now.answer
    // Asked again, the pointer stays where it was.
    const asked: Question<V> = now.type === 'confirm' || pointedAt === undefined ? now : { ...now, default: pointedAt }
    const left = new AbortController()
    const shown = lookOfNow(now)
    const askAgain = () => left.abort('news')
    const stops = [
      window.onEscape(() => left.abort('back')),
      window.listen((isResized) => isResized && askAgain()),
      // What looks the same is left alone: a key pressed at that moment would be lost.
      context.onNews(() => lookOfNow(question()) !== shown && askAgain()),
    ]
    try {
      const prompt = inquirer.createPromptModule({
        input: window.input,
        output: window.output,
        signal: AbortSignal.any([left.signal, interrupts.leaving]),
        clearPromptOnDone: true,
      })
      const answers = await prompt({
        ...asked,
        ...lookOf(context, asked, (value) => (pointedAt = value)),
        name: 'answer',
      } as never)
      return (answers as { answer: V }).answer
    } catch (error) {
      if (!(error instanceof AbortPromptError) || !left.signal.aborted) throw error
      if (left.signal.reason === 'back') return undefined
    } finally {
      for (const stop of stops) stop()
    }
  }
}

function lookOfNow<V>(question: Question<V> | { answer: V }): string {
  if ('answer' in question) return 'answered'
  const { type, message } = question
  if (type === 'confirm') return message
  const choices = type === 'select' ? question.choices : question.source(question.initialValue)
  return [message, ...choices.map(({ name }) => name)].join('\n')
}

/** A question to be answered with y or n; 'no' is the default, and what Esc means. */
export async function confirm(context: Context, message: string, isMoot: () => boolean = () => false) {
  const question = () => (isMoot() ? { answer: true } : { type: 'confirm' as const, message, default: false })
  return (await ask<boolean>(context, question)) === true
}

function lookOf<V>(context: Context, asked: Question<V>, onPointer: (value: V) => void) {
  const { type, message } = asked
  const theme = context.theme()
  const { cyan } = pc.createColors(theme.colour)
  let offered: Choice<V>[] = type === 'select' ? asked.choices : []
  const source = (term: string | undefined) => {
    offered = type === 'search' ? asked.source(term) : offered
    return offered
  }
  return {
    // Inquirer puts a space before the message, for a prefix.
    message: type === 'confirm' ? wrap(message, theme.width - ANSWER).join('\n ') : lines(message, theme).join('\n'),
    ...(type === 'search' ? { source } : {}),
    pageSize: Math.max(3, context.window.size.rows - LINES_AROUND - message.split('\n').length),
    loop: false,
    theme: {
      prefix: '',
      style: {
        keysHelpTip: () => asManyAsFit(HELP[type], theme.width),
        // Inquirer tells of the pointer only by how its row looks.
        highlight: (text: string) => {
          const at = offered.find(({ name }) => text.endsWith(name))
          if (at !== undefined) onPointer(at.value)
          return cyan(text)
        },
      },
      ...(theme.unicode ? {} : { icon: { cursor: '>' } }),
    },
  }
}

const HELP: Record<Question<unknown>['type'], string[]> = {
  search: ['Enter opens', 'Esc goes back', 'type to search', 'arrows move', 'Ctrl-C quits'],
  select: ['Enter chooses', 'Esc goes back', 'arrows move', 'Ctrl-C quits'],
  confirm: [],
}
