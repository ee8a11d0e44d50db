import type { Asked } from '../../lab/recording/words/asked.ts'
import type { Told } from '../../lab/recording/words/told.ts'
import type { Line } from '../../lab/student/drive.ts'

/** The end in the student's process of a store whose contents live in the lab: they outlive the process. */

export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

/** Each question goes over the line to the lab, which answers when it likes. */
export function storeAt(line: Line): DoneStore {
  const waiting = new Map<number, { resolve: (value: boolean) => void; reject: (error: Error) => void }>()
  let calls = 0
  line.heard('store-answer', ({ call, value = false, error }: Asked['store-answer']) => {
    const asked = waiting.get(call)
    waiting.delete(call)
    // As short as can be where the service prints it.
    if (error !== undefined) asked?.reject(Object.assign(new Error(error), { stack: `Error: ${error}` }))
    else asked?.resolve(value)
  })
  const ask = (what: Told['store']['what'], id: unknown) => {
    const call = ++calls
    line.tell('store', { call, what, id: typeof id === 'string' ? id : null } satisfies Told['store'])
    return new Promise<boolean>((resolve, reject) => waiting.set(call, { resolve, reject }))
  }
  return {
    has: (id) => ask('has', id),
    add: async (id) => {
      await ask('add', id)
    },
  }
}
