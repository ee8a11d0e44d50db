import { textOf } from '../lessons/catalogue.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { quizOf } from '../lessons/quiz.ts'
import { element, escaped } from '../text/html.ts'
import { sitePageOf } from './layout.ts'
import { mapSvg } from './map.ts'
import { foldedQuiz } from './quiz.ts'
import { textHtml } from './text.ts'

/**
 * All lessons as pages that any static host serves, also from a folder of its own: no page needs a server, and links are relative.
 *
 *   index.html   lessons/NN-slug.html   seen/NN-slug.html
 *
 * @param seen by lesson: the page of what was recorded of its classic mistake
 * @returns the pages, by their paths
 */
export async function sitePages(lessons: Lesson[], seen: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const pages = new Map([['index.html', indexPage(lessons)]])
  for (const [i, lesson] of lessons.entries()) {
    pages.set(`lessons/${lesson.name}.html`, await lessonPage(lesson, lessons[i + 1], seen.has(lesson.name)))
  }
  for (const [lesson, page] of seen) pages.set(`seen/${lesson}.html`, page)
  return pages
}

function indexPage(lessons: Lesson[]): string {
  const all = { passed: new Set(lessons.map(({ number }) => number)), here: undefined }
  const items = lessons.map(({ name, title, minutes }) => {
    const link = `<a href="lessons/${name}.html">${shortName({ name })} ${escaped(title)}</a>`
    return element('li', `${link} <span class="quiet">${minutes} min</span>`)
  })
  const body = [
    '<h1>Cluster Up</h1>',
    element('p', 'A hands-on RabbitMQ lab in TypeScript: you bring up a cluster of services, one lesson at a time.'),
    mapSvg(all, 'What you build: a shop, RabbitMQ with its exchange and queues, and workers that survive failures.'),
    element('p', 'Here you can read the lessons, each with a common mistake that was recorded step by step.'),
    `<ol class="lessons">${items.join('\n')}</ol>`,
    element('h2', 'Do it yourself'),
    element('p', 'In a checkout of the lab, with Node 20 or newer, these two commands open the first lesson:'),
    '<pre tabindex="0">npm ci\nnpm run lab</pre>',
  ]
  return sitePageOf('Cluster Up', body.join('\n'))
}

async function lessonPage(lesson: Lesson, next: Lesson | undefined, isSeen: boolean): Promise<string> {
  const [markdown, quiz] = await Promise.all([textOf(lesson), quizOf(lesson)])
  const title = `${shortName(lesson)} ${lesson.title}`
  const seen = `../seen/${lesson.name}.html`
  const beside = [
    quiz === undefined ? '' : foldedQuiz(quiz),
    ...(isSeen
      ? [
          element('h2', 'A common mistake'),
          element(
            'p',
            `This is what the lab recorded, and what it says about it. <a href="${seen}">Open it on its own page</a>`,
          ),
          `<iframe class="seen" title="What happened" src="${seen}" loading="lazy"></iframe>`,
        ]
      : []),
    next === undefined ? '' : `<p>Next: <a href="${next.name}.html">${shortName(next)} ${escaped(next.title)}</a></p>`,
  ]
  const text = textHtml(markdown, (name) => `${name}.html`)
  const body = `<div class="lesson"><article class="text">${text}</article><section class="beside">${beside.join('\n')}</section></div>`
  return sitePageOf(title, body, '../index.html')
}
