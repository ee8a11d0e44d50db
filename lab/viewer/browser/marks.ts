import type { Mark, Scene } from '../shared/film.ts'
import { h } from './dom.ts'
import { SIGNS } from './row.ts'

const WORDS: Record<Mark['verdict'], string> = {
  passed: 'passed',
  failed: 'failed',
  'not-judged': 'not judged',
  'not-reached': 'not reached',
  error: 'error',
}

/** The expectations; each leads to where it is decided. @param jump is told a scenario and a moment of it */
export function marksList(marks: Mark[], scenes: Scene[], jump: (scene: number, moment: number | undefined) => void) {
  const list = (some: Mark[]) => h('ol', {}, ...some.map((mark) => item(mark, scenes, jump)))
  const passed = marks.filter(({ verdict }) => verdict === 'passed')
  const others = marks.filter(({ verdict }) => verdict !== 'passed')
  return h(
    'section',
    { class: 'marks', 'aria-label': 'Expectations' },
    h('h2', {}, 'Expectations'),
    others.length === 0 ? undefined : list(others),
    passed.length === 0
      ? undefined
      : h('details', {}, h('summary', {}, `${SIGNS.passed} ${passed.length} of ${marks.length} passed`), list(passed)),
  )
}

/** What stands in backticks is code. */
function withCode(message: string): (HTMLElement | string)[] {
  return message.split(/`([^`\n]+)`/).map((part, i) => (i % 2 === 1 ? h('code', {}, part) : part))
}

function item({ title, verdict, message, at, decided }: Mark, scenes: Scene[], jump: Parameters<typeof marksList>[2]) {
  const told = verdict === 'failed' || verdict === 'error'
  return h(
    'li',
    { class: verdict },
    h('span', { class: `flag ${verdict}` }, `${SIGNS[verdict]} ${WORDS[verdict]}`),
    ' ',
    h('span', { class: 'headline' }, title),
    told && message !== undefined ? h('p', { class: 'message' }, ...withCode(message)) : undefined,
    at === undefined ? undefined : h('p', {}, `${at.file}, line ${at.line}: `, h('code', {}, at.text)),
    decided.length === 0
      ? undefined
      : h(
          'p',
          { class: 'where' },
          ...decided.map(({ scene, moment }) => {
            const where = moment === undefined ? 'look at' : verdict === 'passed' ? 'true from here' : 'decided here'
            const name = scenes[scene]?.name ?? ''
            return h('button', { type: 'button', onclick: () => jump(scene, moment) }, `${where}: ${name}`)
          }),
        ),
  )
}
