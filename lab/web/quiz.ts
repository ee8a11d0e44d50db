import type { Lesson } from '../lessons/lesson.ts'
import { MILESTONES } from '../lessons/map.ts'
import { type Quiz, rightOf } from '../lessons/quiz.ts'
import { element } from '../text/html.ts'
import { inlineHtml } from './text.ts'

/** Where the student is with a lesson's question. */
export interface Asked {
  /** The index of the choice; undefined as long as nothing was predicted. */
  predicted: number | undefined
  hasPassed: boolean
}

/** The lesson's question: to be answered before the first check, and after a pass with the answer. */
export function quizSection(lesson: Lesson, quiz: Quiz | undefined, { predicted, hasPassed }: Asked): string {
  const choice = predicted === undefined ? undefined : quiz?.choices[predicted]
  const inner = hasPassed
    ? passedHtml(lesson, quiz, choice)
    : quiz === undefined
      ? ''
      : choice === undefined
        ? questionHtml(lesson, quiz)
        : `<details><summary>${inlineHtml(`You predicted: ${choice.text}`)}</summary>${said(quiz.question)}
<p>The lab comes back to it when you pass.</p></details>`
  return `<section id="quiz" class="quiz" data-passed="${hasPassed}">${inner}</section>`
}

/** The question with its answer folded away, for a page that nobody answers. */
export function foldedQuiz(quiz: Quiz): string {
  const right = quiz.choices[rightOf(quiz)]
  const choices = quiz.choices.map(({ text }) => element('li', inlineHtml(text))).join('')
  return `<section class="quiz"><h2>What do you expect?</h2>${said(quiz.question)}<ul>${choices}</ul>
<details><summary>The answer</summary>${said(`${right?.text} ${right?.why}`)}</details></section>`
}

function questionHtml(lesson: Lesson, quiz: Quiz): string {
  const choices = quiz.choices.map(
    ({ text }, i) =>
      `<label><input type="radio" name="choice" value="${i}" required> <span>${inlineHtml(text)}</span></label>`,
  )
  return `<h2>Before you write a line: what do you expect?</h2>
<form method="post" action="/lessons/${lesson.name}/prediction"><fieldset>
<legend>${inlineHtml(quiz.question)}</legend>
${choices.join('\n')}
</fieldset><button>That is my prediction</button></form>`
}

function passedHtml(lesson: Lesson, quiz: Quiz | undefined, choice: Quiz['choices'][number] | undefined): string {
  const can = MILESTONES.find(({ lesson: number }) => number === lesson.number)?.can
  const out = ['<h2>You have passed this lesson</h2>']
  if (can !== undefined) out.push(said(can))
  if (quiz !== undefined) {
    const right = quiz.choices[rightOf(quiz)]
    out.push(said(quiz.question))
    if (choice !== undefined) {
      out.push(said(`You predicted: ${choice.text}`))
      out.push(said(`${choice.right ? "That's right." : 'Not quite.'} ${choice.why}`))
    }
    if (!choice?.right) out.push(said(`The answer: ${right?.text} ${right?.why}`))
    out.push(said(`The recording shows it: ${quiz.shown}`))
  }
  return out.join('\n')
}

function said(markdown: string): string {
  return element('p', inlineHtml(markdown))
}
