import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { exerciseBundle } from '../../lab/student/bundle.ts'
import { launch } from '../../lab/student/launch.ts'

/** Says, when asked, whether this process has loaded what takes types out of TypeScript. */
const PROBE = `
  const send = process.send.bind(process)
  process.on('message', ({ type }) => {
    if (type === 'probe') send({ amaro: process.moduleLoadList.some((name) => name.includes('amaro')) })
  })`

const folder = (name: string) => `${pathToFileURL(join(ROOT, name)).href}/`

const all = await lessons(ROOT)
const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))

/** Starts a process for this lesson, has it load the solution, and asks it. */
async function takesTypesOut(lesson: string, handedOver: boolean): Promise<boolean> {
  const exercise = join(ROOT, 'solutions', lesson, 'exercise.ts')
  const solutions = folder('solutions')
  const setting = { lab: folder(''), tree: solutions, solutions, exports, solutionsOnly: false, lesson }
  const { child } = await launch({
    setting,
    exercise,
    driver: join(ROOT, 'checks', lesson, 'driver.ts'),
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PROBE)}` },
  })
  try {
    await once(child, 'message')
    const sources = handedOver ? (await exerciseBundle(exercise, setting)).sources : {}
    child.send({ type: 'load', exercise: pathToFileURL(exercise).href, sources })
    const [loaded] = await once(child, 'message')
    expect(loaded).toEqual({ type: 'loaded' })
    child.send({ type: 'probe' })
    const [answer] = await once(child, 'message')
    return answer.amaro
  } finally {
    child.kill('SIGKILL')
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
