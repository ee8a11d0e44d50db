import { expect, test } from 'vitest'
import { Progress } from '../../lab/commands/grade/progress.ts'
import { foundText } from '../../lab/commands/grade/told.ts'
import { lessonRecord, record } from '../grade/sample.ts'

const FIRST = '01-first-connection'
const FOURTH = '04-ack-consumer'

test('what was found where, and what is missing', () => {
  const at = (path: string, notes: string[] = []) => lessonRecord(undefined, { path, notes })
  const told = foundText(
    [
      {
        ...record('anna', { [FIRST]: at(`${FIRST}/exercise.ts`), [FOURTH]: at(`${FOURTH}/exercise.ts`) }),
        from: 'anna',
      },
      record('ben', { [FOURTH]: at(`hand in/lessons/${FOURTH}/exercise.ts`) }),
      {
        ...record('cara', { [FIRST]: at('1/exercise.ts', ['It is the unchanged starter.']) }),
        notes: ['x is a link.'],
      },
      record('d\u001b[2J', {}),
    ],
    ['students.csv'],
  )
  expect(told).toBe(
    [
      'anna: all lessons',
      'ben (ben.zip): 1 of 2 lessons, missing 01, in hand in/lessons/',
      'cara (cara.zip): 1 of 2 lessons, missing 04',
      '    x is a link.',
      '    01 in 1/exercise.ts. It is the unchanged starter.',
      'd␛[2J (d␛[2J.zip): 0 of 2 lessons, missing 01 04',
      'Not a submission: students.csv',
      '',
    ].join('\n'),
  )
})

test('how far it is: students, lessons, time left, and what runs', () => {
  const tasks = ['anna', 'ben'].flatMap((id) => [FIRST, FOURTH].map((lesson) => ({ id, lesson })))
  const progress = new Progress(tasks)
  const [one, two, three, four] = tasks as [(typeof tasks)[0], (typeof tasks)[0], (typeof tasks)[0], (typeof tasks)[0]]
  for (const task of [one, two, three, four]) progress.begin(task)
  expect(progress.text(1000)).toBe('0 of 2 students, 0 of 4 lessons; now: anna 01, anna 04, ben 01 and 1 more')
  progress.end(one)
  progress.end(two)
  expect(progress.text(240_000)).toBe('1 of 2 students, 2 of 4 lessons, about 4 min left; now: ben 01, ben 04')
  progress.end(three)
  progress.end(four)
  progress.begin(one)
  expect(progress.text(300_000)).toBe(
    '2 of 2 students, 4 of 4 lessons, judging again what ran out of time; now: anna 01',
  )
  progress.end(one)
  expect(progress.text(300_000)).toContain('4 of 4 lessons')
})
