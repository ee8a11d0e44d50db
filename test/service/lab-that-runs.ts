import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { openBroker } from '../../lab/broker/choose.ts'
import { runLesson } from '../../lab/commands/running.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'

/** A process of its own that runs lesson 05's solution, for a test that kills it. */
const all = await lessons(ROOT)
const lesson = all.find(({ name }) => name === '05-first-service')
if (!lesson) throw new Error('there is no such lesson')
const tree = join(process.env.LAB_HOME ?? '', 'tree')
cpSync(join(ROOT, 'solutions'), tree, { recursive: true })
const broker = await openBroker({ kind: 'embedded', idleMs: 300 })
const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
await runLesson(lesson, broker, exports, tree, process, new AbortController().signal)
