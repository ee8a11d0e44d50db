import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { exerciseBundle } from '../../lab/student/bundle.ts'
import { launch } from '../../lab/student/launch.ts'

/** Prints, when asked, which of Node's own modules this process has loaded, and what became of compiled code. */
const PROBE = `
  const rejected = []
  const vm = process.getBuiltinModule('node:vm')
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      super(source, options)
      if (options.cachedData) rejected.push(this.cachedDataRejected)
    }
  }
  process.on('SIGUSR2', () => console.log(JSON.stringify({ loaded: process.moduleLoadList, rejected })))`

const folder = (name: string) => `${pathToFileURL(join(ROOT, name)).href}/`

const all = await lessons(ROOT)
const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))

/** Starts a process for this lesson, has it load the solution, and asks it. */
async function probe(lesson: string, handedOver: boolean): Promise<{ loaded: string[]; rejected: boolean[] }> {
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
    const output = createInterface({ input: child.stdout as Readable })
    child.kill('SIGUSR2')
    const [answer] = await once(output, 'line')
    return JSON.parse(answer)
  } finally {
    killGroup()
  }
}

/** What takes types out of TypeScript. */
const takesTypesOut = expect.stringContaining('amaro')

test.each(all.map(({ name }) => name))(
  "no process of %s takes types out of the lab's own files or the exercise: that costs 70 ms",
  async (lesson) => {
    expect((await probe(lesson, true)).loaded).not.toContainEqual(takesTypesOut)
  },
)

test('where the exercise is not handed over, its process does', async () => {
  expect((await probe('01-first-connection', false)).loaded).toContainEqual(takesTypesOut)
})

test('amqplib comes compiled, and nothing is loaded that only few need: that costs 30 ms', async () => {
  const { loaded, rejected } = await probe('01-first-connection', true)
  expect(rejected.length).toBeGreaterThan(10)
  expect(new Set(rejected)).toEqual(new Set([false]))
  expect(loaded).toContain('NativeModule net')
  for (const name of ['tls', 'crypto', 'internal/fs/promises']) expect(loaded).not.toContain(`NativeModule ${name}`)
})
