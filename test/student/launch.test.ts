import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { exerciseBundle } from '../../lab/student/bundle.ts'
import { launch } from '../../lab/student/launch.ts'

/** Prints, when asked, whether this process has loaded what takes types out of TypeScript. */
const PROBE = `
  process.on('SIGUSR2', () => console.log(process.moduleLoadList.some((name) => name.includes('amaro'))))`

const folder = (name: string) => `${pathToFileURL(join(ROOT, name)).href}/`

const all = await lessons(ROOT)
const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))

/** Starts a process for this lesson, has it load the solution, and asks it. */
async function takesTypesOut(lesson: string, handedOver: boolean): Promise<boolean> {
  const exercise = join(ROOT, 'solutions', lesson, 'exercise.ts')
  const solutions = folder('solutions')
  const setting = { lab: folder(''), tree: solutions, solutions, exports, solutionsOnly: false, lesson }
  const { child, line, killGroup } = await launch({
    setting,
    exercise,
    driver: join(ROOT, 'checks', lesson, 'driver.ts'),
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PROBE)}` },
  })
  try {
    await line?.first
    const loaded = new Promise((resolve) => {
      const isOver = (message: unknown) => Object(message).type !== 'ready' && resolve(message)
      line?.hear(isOver, { flood() {}, memory() {} })
    })
    const sources = handedOver ? (await exerciseBundle(exercise, setting)).sources : {}
    line?.send({ type: 'load', exercise: pathToFileURL(exercise).href, sources })
    expect(await loaded).toEqual({ type: 'loaded' })
    child.kill('SIGUSR2')
    const [answer] = await once(child.stdout as Readable, 'data')
    return String(answer).trim() === 'true'
  } finally {
    killGroup()
  }
}

test.each(all.map(({ name }) => name))(
  "no process of %s takes types out of the lab's own files or the exercise: that costs 70 ms",
  async (lesson) => {
    expect(await takesTypesOut(lesson, true)).toBe(false)
  },
)

test('where the exercise is not handed over, its process does', async () => {
  expect(await takesTypesOut('01-first-connection', false)).toBe(true)
})
