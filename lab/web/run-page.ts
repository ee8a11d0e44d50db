import { type Lesson, shortName } from '../lessons/lesson.ts'
import type { Action, Line, LiveRun } from '../service/live-run.ts'
import { element, escaped } from '../text/html.ts'
import { visibleBegin } from '../text/visible.ts'
import { pageOf } from './layout.ts'

const BUTTONS: Record<Action, string> = {
  start: 'Start again',
  kill: 'Kill (kill -9)',
  stop: 'Stop (SIGINT)',
  restart: 'Restart the broker',
}

/** The run of a lesson's service: what goes on, a field for tasks, and what can be done to it. @param run undefined where none goes on */
export function runPage(lesson: Lesson, run: LiveRun | undefined, problem?: string): string {
  const title = `${shortName(lesson)} ${lesson.title}: your service`
  const back = `<a href="/lessons/${lesson.name}">Back to the lesson</a>`
  const head = `${element('h1', escaped(title))}${problem === undefined ? '' : element('p', escaped(problem), 'message')}`
  if (run === undefined || run.isOver) {
    const what = 'The lab starts your current exercise with its own queue. You send it tasks, and see every frame.'
    const start = `<form method="post" action="/lessons/${lesson.name}/run"><button>Run my service</button></form>`
    return pageOf(title, `${head}${element('p', what)}<div class="row">${start}${back}</div>`)
  }
  const buttons = run.actions.map(
    (action) => `<button type="button" data-action="${action}">${BUTTONS[action]}</button>`,
  )
  const body = [
    head,
    `<p id="standing" data-lesson="${lesson.name}">starting</p>`,
    `<form id="sending" class="row"><label for="task">A task; each dot is a second of work</label>
<input id="task" name="task" autocomplete="off" value="a photo.." required maxlength="2000"><button>Send</button></form>`,
    `<div class="row">${buttons.join('')}
<form method="post" action="/lessons/${lesson.name}/run/end"><button>End the run</button></form>${back}</div>`,
    '<p id="said" role="status"></p>',
    '<ul class="cards nodes" aria-label="Nodes of the cluster" hidden></ul>',
    '<ul class="cards workers" aria-label="Workers" hidden></ul>',
    '<h2>What happens</h2>',
    '<ol class="happened" aria-label="What happens" tabindex="0"></ol>',
  ]
  return pageOf(title, body.join('\n'), '/run.js')
}

/** The page of a run that is being opened: what goes on until it is. */
export function openingPage(lesson: Lesson, text: string): string {
  const title = `${shortName(lesson)} ${lesson.title}: your service`
  const body = [
    element('h1', escaped(title)),
    `<p id="standing" role="status" data-lesson="${lesson.name}">${escaped(text)}</p>`,
    `<p><a href="/lessons/${lesson.name}">Back to the lesson</a></p>`,
  ]
  return pageOf(title, body.join('\n'), '/run.js')
}

/** A worker or a node. */
interface Card {
  name: string
  words: string
  /** What it has in hand. */
  task: string
  /** What its button does: where to post that, and how it is called; undefined where it can't do it now. */
  can: { words: string; what: string } | undefined
}

/** What the page is told: the lines that are new to it, and how things stand. All of it is text. */
export interface Told {
  lines: { nth: number; of: Line['of']; from: string; text: string }[]
  standing: string
  workers: Card[]
  nodes: Card[]
  /** It does not run yet. */
  isOpening: boolean
  isOver: boolean
}

/** @param since the number of the last line that the page has */
export function toldOf(run: LiveRun, since: number): Told {
  const { text, workers, nodes } = run.standing
  const several = run.several === 'workers' || workers.length > 1
  return {
    lines: run.lines
      .filter(({ nth }) => nth > since)
      .map((line) => ({ nth: line.nth, of: line.of, from: sideOf(line), text: line.text })),
    standing: text,
    workers: several
      ? workers.map(({ name, nth, connection, state, done, unacked, task = '' }) => {
          const hand = unacked === 0 ? 'idle' : `${unacked} unacked`
          return {
            name: visibleBegin(name ?? `connection ${connection}`),
            words: [state, `${done} done`, hand].filter(Boolean).join(', '),
            task: unacked === 0 ? '' : visibleBegin(task),
            can: nth === undefined ? undefined : { words: `Kill worker ${nth}`, what: `worker/${nth}/kill` },
          }
        })
      : [],
    nodes: nodes.map(({ name, state, hasService }) => ({
      name,
      words: hasService ? `${state}, with your service` : state,
      task: '',
      can:
        state === 'up'
          ? { words: `Stop ${name}`, what: `node/${name}/stop` }
          : state === 'stopped'
            ? { words: `Start ${name}`, what: `node/${name}/start` }
            : undefined,
    })),
    isOpening: false,
    isOver: run.isOver,
  }
}

/** The same of a run that is being opened: there are no lines yet. */
export function toldOfOpening(text: string, isOver: boolean): Told {
  return { lines: [], standing: text, workers: [], nodes: [], isOpening: !isOver, isOver }
}

function sideOf(line: Line): string {
  if (line.of !== 'wire') return line.of
  return line.from === 'student' ? 'to broker' : 'from broker'
}
