import type { Line } from './drive.ts'

export const FAILURE = 'The lab made this task fail.'

let calls = 0

/** A handler whose work ends when the lab says so; lab/check/handlers.ts is the other end of it. */
export function handlerOf(line: Line): (task: string) => Promise<void> {
  return (task) => {
    const call = ++calls
    line.tell('began', { call, task: String(task) })
    return new Promise((resolve, reject) => {
      line.heard('finish', (told: { calls: number[]; how: 'resolve' | 'reject' }) => {
        if (!told.calls.includes(call)) return
        if (told.how === 'resolve') resolve()
        // As short as can be where the service prints it.
        else reject(Object.assign(new Error(FAILURE), { stack: `Error: ${FAILURE}` }))
      })
    })
  }
}
