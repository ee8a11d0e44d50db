import * as v from 'valibot'
import { brief } from './brief.ts'
import { type DataOf, word } from './word.ts'

/** What the lab tells the driver, or a process that the exercise has started, besides calls: by name. */
export const ASKED = {
  /** Handlers that waited for it end, all in one go. */
  finish: word(
    v.object({ calls: v.array(v.number()), tasks: v.array(v.string()), how: v.picklist(['resolve', 'reject']) }),
    ({ how, tasks: [task, ...more] }) =>
      `${how === 'resolve' ? 'lets the handler succeed' : 'makes the handler fail'}${brief({ task: more.length > 0 ? undefined : task })}`,
  ),
  /** The call of this name is aborted. */
  abort: word(v.object({ name: v.string() }), (data) => `asks for abort${brief(data)}`),
  'store-answer': word(
    v.object({
      call: v.number(),
      what: v.picklist(['has', 'add']),
      id: v.nullable(v.string()),
      /** For `has`. */
      value: v.optional(v.boolean()),
      /** The store rejects with it. */
      error: v.optional(v.string()),
    }),
    ({ what, id, value, error }) => {
      const answer = error !== undefined ? 'an error' : what === 'has' ? String(value) : 'kept'
      return `answers for the store: ${what}('${id}'): ${answer}`
    },
  ),
  'worker-ready': order('ready'),
  'worker-finish': order('finish'),
  'worker-die': order('die'),
}

export type Asked = DataOf<typeof ASKED>

function order(name: string) {
  return word(v.object({ nth: v.number() }), (data) => `asks for worker-${name}${brief(data)}`)
}
