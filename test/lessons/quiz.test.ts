import { expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { parseQuiz, quizOf, rightOf } from '../../lab/lessons/quiz.ts'
import { ROOT } from '../../lab/root.ts'

const CHOICES = `  - text: The broker
    why: It waits.
  - text: The client
    right: true
    why: It speaks first.
`
const quiz = (choices: string, more = '') =>
  `question: Who speaks first?\nchoices:\n${choices}shown: A header.\n${more}`

test('a question, its choices with one right answer, and what the recording shows', () => {
  const found = parseQuiz(quiz(CHOICES), 'quiz.yaml')
  expect(rightOf(found)).toBe(1)
  expect(found.choices[0]).toEqual({ text: 'The broker', right: false, why: 'It waits.' })
  expect(found.shown).toBe('A header.')
})

test.each([
  [
    'two right answers',
    quiz(CHOICES.replace('The broker', 'The broker\n    right: true')),
    /not exactly one choice is right/,
  ],
  [
    'one choice',
    quiz(
      CHOICES.split('  - ')
        .slice(2)
        .map((each) => `  - ${each}`)
        .join(''),
    ),
    /fewer than two choices/,
  ],
  ['five choices', quiz(CHOICES + CHOICES.replace('    right: true\n', '') + CHOICES.slice(0, 40)), /choices/],
  ['no reason', quiz(CHOICES.replace('    why: It waits.\n', '')), /quiz\.yaml, line 3: 'choices\.0\.why'/],
  ['an unknown key', quiz(CHOICES, 'also: this\n'), /'also'/],
  ['no YAML', 'question: "', /quiz\.yaml, line 1/],
])('%s is said, with the file and the line', (_, source, message) => {
  expect(() => parseQuiz(source, 'lessons/01-x/quiz.yaml')).toThrow(message)
})

test('every question of the lessons can be asked', async () => {
  const all = await lessons(ROOT)
  const asked = await Promise.all(all.map(quizOf))
  expect(asked).toHaveLength(all.length)
})
