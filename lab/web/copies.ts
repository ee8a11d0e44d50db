import type { Hono } from 'hono'
import { type Backup, backupsOf, reset, restore } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { stateFolder } from '../progress/store.ts'
import { element, escaped } from '../text/html.ts'
import { noticePage, pageOf } from './layout.ts'

/** A lesson's exercise put back to its starter, or to a copy that was kept: a page asks first, and a copy is always kept. */
export function addCopies(
  app: Hono,
  lessonOf: (name: string) => Lesson,
  root: string,
  state = stateFolder(root),
): void {
  app.get('/lessons/:name/copies', async (context) => {
    const lesson = lessonOf(context.req.param('name'))
    return context.html(copiesPage(lesson, shown(root, lesson.exercise), await backupsOf(lesson, state)))
  })
  app.post('/lessons/:name/reset', async (context) => {
    const lesson = lessonOf(context.req.param('name'))
    const file = shown(root, lesson.exercise)
    const copy = await reset(lesson, state)
    const said = copy
      ? `${file} is the starter again. Your file is kept as ${shown(root, copy)}.`
      : `${file} is still the starter, so there was nothing to reset.`
    return context.html(noticePage('The starter', said, lesson))
  })
  app.post('/lessons/:name/restore', async (context) => {
    const lesson = lessonOf(context.req.param('name'))
    const { date } = await context.req.parseBody()
    const backup = (await backupsOf(lesson, state)).find((each) => each.date === date)
    if (backup === undefined) return context.text('There is no such copy.\n', 400)
    const copy = await restore(lesson, backup, state)
    const kept = copy === undefined ? '' : ` Your previous file is kept as ${shown(root, copy)}.`
    const said = `${shown(root, lesson.exercise)} is now the copy from ${backup.date}.${kept}`
    return context.html(noticePage('Copy restored', said, lesson))
  })
}

function copiesPage({ name, title }: Lesson, file: string, backups: Backup[]): string {
  const items = backups.map(({ date, lines }) => {
    const words = `${escaped(date)}, ${lines} ${lines === 1 ? 'line' : 'lines'}`
    const hidden = `<input type="hidden" name="date" value="${escaped(date)}">`
    const button = `<button aria-label="Restore the copy from ${escaped(date)}">Restore</button>`
    return `<li class="row">${words}<form method="post" action="/lessons/${name}/restore">${hidden}${button}</form></li>`
  })
  const body = [
    element('h1', `${escaped(file)}: start again, or restore a copy`),
    element('p', 'Either way, the lab keeps a dated copy of your current file.'),
    `<form method="post" action="/lessons/${name}/reset"><button>Reset it to the starter</button></form>`,
    element('h2', 'Copies'),
    items.length === 0
      ? element('p', 'There are none yet. Each reset makes one.')
      : element('ul', items.join(''), 'lessons'),
    `<p><a href="/lessons/${name}">Back to the lesson</a></p>`,
  ]
  return pageOf(`Copies, ${title}`, body.join('\n'))
}
