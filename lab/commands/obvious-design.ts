import { availableParallelism } from 'node:os'
import { Session } from '../check/session.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { ROOT } from '../root.ts'

/**
 * The design that comes to mind first: each check file starts a container of its own in its beforeAll. The files run as
 * vitest runs them by default on this machine: as many at a time as there are cores, less one.
 *
 * @returns milliseconds
 */
export async function obviousDesign(lessons: Lesson[], tree: string): Promise<number> {
  const exports = Object.fromEntries(lessons.map((lesson) => [lesson.name, lesson.exports]))
  const began = performance.now()
  const queue = lessons.map(({ name }) => name)
  const worker = async () => {
    for (let lesson = queue.shift(); lesson !== undefined; lesson = queue.shift()) {
      await using session = new Session({ root: ROOT, broker: { kind: 'container', fresh: true }, exports })
      await session.check({ lessons: [lesson], tree })
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism() - 1) }, worker))
  return performance.now() - began
}
