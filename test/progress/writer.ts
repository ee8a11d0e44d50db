/** Marks hint after hint of a lesson of its own: one of several writers at one file. Arguments: root, lesson, how many. */
import { markHint } from '../../lab/progress/hints.ts'

const [root = '', lesson = '', count = '0'] = process.argv.slice(2)
for (let step = 1; step <= Number(count); step++) await markHint(root, lesson, { step, number: 1 })
