import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recordReport } from '../../lab/progress/record.ts'
import { readProgress } from '../../lab/progress/store.ts'
import type { Status } from '../../lab/web/pages.ts'
import { HINTS, type Scratch, STARTER, scratchProject } from '../lessons/scratch.ts'
import { RABBITMQ, report, STAND_IN } from '../menu/fakes.ts'
import { QUIZ } from './quiz.ts'
import { failing, TOKEN, webOf } from './served.ts'

const FIRST = '01-first-steps'
const HOST = { host: '127.0.0.1:4711' }
const OWN = { ...HOST, cookie: `cluster-up-4711=${TOKEN}` }

/** What is answered to a request of the lab's own page. */
async function asked(project: Scratch, path: string, init: RequestInit = {}, headers: Record<string, string> = OWN) {
  await using web = webOf(project)
  const app = await web.routes()
  const response = await app.request(`http://127.0.0.1:4711${path}`, { ...init, headers })
  return { response, text: await response.text() }
}

test.each([
  ['without the token', HOST],
  ['with another token', { ...HOST, cookie: 'cluster-up-4711=wrong' }],
  ['by a name that was bound to this address', { ...OWN, host: 'evil.example:4711' }],
  ['at another port', { ...OWN, host: '127.0.0.1:80' }],
  ['from a page elsewhere', { ...OWN, origin: 'http://evil.example' }],
  ['from a page of no origin', { ...OWN, origin: 'null' }],
  ['as a picture in a page elsewhere', { ...OWN, 'sec-fetch-site': 'cross-site' }],
])('it is refused %s, whatever is asked for', async (_, headers) => {
  using project = scratchProject()
  for (const path of ['/', `/lessons/${FIRST}`, '/live.js', '/nowhere']) {
    const { response, text } = await asked(project, path, {}, headers)
    expect(response.status).toBe(403)
    expect(text).not.toContain('First steps')
  }
  for (const deed of [
    'hint',
    'check',
    'cure',
    'prediction',
    'reset',
    'restore',
    'run',
    'run/task',
    'run/do/kill',
    'run/node/n1/stop',
    'run/end',
  ]) {
    const { response } = await asked(project, `/lessons/${FIRST}/${deed}`, { method: 'POST' }, headers)
    expect(response.status).toBe(403)
  }
  expect((await readProgress(project.root)).lessons).toEqual({})
})

test('the token comes once, and stays in a cookie that no script and no other page gets', async () => {
  using project = scratchProject()
  const { response } = await asked(project, `/?token=${TOKEN}`, {}, HOST)
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe('/')
  expect(response.headers.get('set-cookie')).toBe(`cluster-up-4711=${TOKEN}; Path=/; HttpOnly; SameSite=Strict`)
})

test('every page runs the lab’s own script only, and fetches nothing from elsewhere', async () => {
  using project = scratchProject()
  for (const path of ['/', `/lessons/${FIRST}`]) {
    const { response, text } = await asked(project, path)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'sha256-")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(text).not.toMatch(/<(script|link|img|iframe)[^>]*(src|href)="(?!\/)/)
  }
  const { text } = await asked(project, '/live.js')
  expect(text).not.toMatch(/^import |: string\b/m)
})

test('the list says where the student is with each lesson, and RabbitMQ’s word from a stand-in’s', async () => {
  using project = scratchProject()
  const write = (lesson: string) => project.write(`lessons/${lesson}/exercise.ts`, 'export const answer = 42\n')
  for (const lesson of [FIRST, '02-second-steps']) write(lesson)
  await recordReport(project.root, report(FIRST, 'passed'), RABBITMQ, 'export const answer = 42\n')
  await recordReport(project.root, report('02-second-steps', 'passed'), STAND_IN, 'export const answer = 42\n')
  const { text } = await asked(project, '/')
  expect(text).toContain('15 min, passed on RabbitMQ')
  expect(text).toContain('15 min, passed, but RabbitMQ hasn&#39;t judged it yet'.replace('&#39;', "'"))
  expect(text).toContain('15 min, new')
})

test('a lesson is a page: its text, and where to write; HTML in it stays text', async () => {
  using project = scratchProject()
  const evil = '<script>alert(1)</script>'
  project.write(
    `lessons/${FIRST}/lesson.md`,
    `---\ntitle: First steps\nminutes: 15\nbuildsOn: []\nexports: [answer]\n---\n\n# First steps\n\n${evil}\n\n[next](../02-second-steps/lesson.md#a)\n`,
  )
  const { response, text } = await asked(project, `/lessons/${FIRST}`)
  expect(response.status).toBe(200)
  expect(text).toContain('&lt;script&gt;alert(1)')
  expect(text).toContain('href="/lessons/02-second-steps#a"')
  expect(text).toContain('lessons/01-first-steps/exercise.ts')
  expect((await readProgress(project.root)).lessons).toHaveProperty(FIRST)
})

const predicting = (choice: string): RequestInit => ({ method: 'POST', body: `choice=${choice}` })
const FORM = { ...OWN, 'content-type': 'application/x-www-form-urlencoded' }

test('the question is asked before the first check, and the first prediction stays', async () => {
  using project = scratchProject()
  project.write(`lessons/${FIRST}/quiz.yaml`, QUIZ)
  const page = async () => (await asked(project, `/lessons/${FIRST}`)).text
  const open = await page()
  expect(open).toContain('What does <code>answer</code> hold?')
  expect(open).toContain('&lt;b&gt;A number&lt;/b&gt;')
  expect(open).not.toContain('The recording shows 42')
  for (const choice of ['2', '-1', 'constructor', ''])
    expect((await asked(project, `/lessons/${FIRST}/prediction`, predicting(choice), FORM)).response.status).toBe(400)
  for (const choice of ['0', '1']) {
    const { response } = await asked(project, `/lessons/${FIRST}/prediction`, predicting(choice), FORM)
    expect(response.headers.get('location')).toBe(`/lessons/${FIRST}`)
  }
  expect((await readProgress(project.root)).lessons[FIRST]?.predicted).toBe(0)
  const predicted = await page()
  expect(predicted).toContain('You predicted: Nothing.')
  expect(predicted).not.toContain('type="radio"')
})

test('after a pass the question comes back, with the prediction and what the recording showed', async () => {
  using project = scratchProject()
  project.write(`lessons/${FIRST}/quiz.yaml`, QUIZ)
  await asked(project, `/lessons/${FIRST}/prediction`, predicting('0'), FORM)
  await recordReport(project.root, report(FIRST, 'passed'), RABBITMQ, 'export const answer = 42\n')
  const { text } = await asked(project, `/lessons/${FIRST}`)
  expect(text).toContain('You predicted: Nothing.')
  expect(text).toContain('Not quite. The starter gives it a number.')
  expect(text).toContain('It is counted in <code>answers</code>.')
  expect(text).toContain('The recording shows it: The recording shows 42.')
})

test('the map marks what the next lesson adds, and says where the student is', async () => {
  using project = scratchProject()
  await recordReport(project.root, report(FIRST, 'passed'), RABBITMQ, 'export const answer = 42\n')
  const { text } = await asked(project, '/')
  expect(text).toContain('You are here: lesson 2 adds retries.')
  expect(text).toMatch(/<text [^>]*class="here"[^>]*>retries</)
  expect(text).toMatch(/<text x="459"[^>]*>service</)
  expect(text).not.toContain('task_queue')
})

test('what a failure looks like comes when it is asked for, or with the second failure', async () => {
  using project = scratchProject()
  await using web = webOf(project, failing())
  const app = await web.routes()
  const ask = (what: string, method = 'GET') =>
    app.request(`http://127.0.0.1:4711/lessons/${FIRST}/${what}`, { method, headers: OWN })
  const events = (await ask('events')).body?.getReader()
  const told = async (isIt: (status: Status) => boolean): Promise<void> => {
    for (;;) {
      const { value } = (await events?.read()) ?? {}
      const [, data] = /^data: (.*)$/m.exec(new TextDecoder().decode(value)) ?? []
      if (data !== undefined && isIt(JSON.parse(data))) return
    }
  }
  const seen = async () => (await ask('seen')).text()
  await ask('check', 'POST')
  await told(({ result, withholds }) => result === 1 && withholds)
  expect(await seen()).toContain('<p>It says 41.</p>')
  await ask('cure', 'POST')
  await told(({ withholds }) => !withholds)
  expect(await seen()).toContain('It looks as if you forgot one.')
  await ask('check', 'POST')
  await told(({ result }) => result === 2)
  expect(await seen()).toContain('It looks as if you forgot one.')
})

test('hints come one by one, and the last is kept back', async () => {
  using project = scratchProject()
  project.write(`lessons/${FIRST}/hints.md`, HINTS)
  const hint = async () => (await asked(project, `/lessons/${FIRST}/hint`, { method: 'POST' })).text
  const first = await hint()
  expect(first).toContain('Who is asked first?')
  expect(first).not.toContain('It returns a promise')
  expect(await hint()).toContain('It returns a promise')
  const third = await hint()
  expect(third).toContain('The last hint opens after 2 failed checks')
  expect(third).not.toContain('Fill the blank')
})

test('the solution is shown when the exercise has passed as it is, and not before', async () => {
  using project = scratchProject()
  const before = await asked(project, `/lessons/${FIRST}/compare`)
  expect(before.response.status).toBe(403)
  const content = 'export const answer = 42\n'
  project.write(`lessons/${FIRST}/exercise.ts`, content)
  await recordReport(project.root, report(FIRST, 'passed'), RABBITMQ, content)
  expect((await asked(project, `/lessons/${FIRST}/compare`)).text).toBe(`<p>compared ${FIRST}</p>`)
  project.write(`lessons/${FIRST}/exercise.ts`, `${content}// changed`)
  expect((await asked(project, `/lessons/${FIRST}/compare`)).response.status).toBe(403)
})

test('an exercise is reset, and the copy that is kept is put back', async () => {
  using project = scratchProject()
  const mine = 'export const answer = 41\n'
  const file = project.write(`lessons/${FIRST}/exercise.ts`, mine)
  expect((await asked(project, `/lessons/${FIRST}/copies`)).text).toContain('There are none')
  const post = async (what: string, body = '') =>
    asked(project, `/lessons/${FIRST}/${what}`, { method: 'POST', body }, FORM)
  expect((await post('reset')).text).toContain('is the starter again. Your file is kept as')
  expect(readFileSync(file, 'utf8')).toBe(STARTER)
  const { text } = await asked(project, `/lessons/${FIRST}/copies`)
  const date = /name="date" value="([^"]+)"/.exec(text)?.[1] ?? ''
  expect((await post('restore', 'date=../../etc/passwd')).response.status).toBe(400)
  expect((await post('restore', new URLSearchParams({ date }).toString())).text).toContain(
    `is now the copy from ${date}`,
  )
  expect(readFileSync(file, 'utf8')).toBe(mine)
})

test('a lesson whose exercise takes no tasks has no run', async () => {
  using project = scratchProject()
  expect((await asked(project, `/lessons/${FIRST}`)).text).not.toContain('/run"')
  for (const [path, method] of [
    ['run', 'GET'],
    ['run', 'POST'],
    ['run/task', 'POST'],
  ] as const)
    expect((await asked(project, `/lessons/${FIRST}/${path}`, { method })).response.status).toBe(404)
})

test('what is not there is not found', async () => {
  using project = scratchProject()
  for (const path of ['/nowhere', '/lessons/99-none', '/lessons/99-none/seen', '/lessons/..%2f..%2fetc/seen'])
    expect((await asked(project, path)).response.status).toBe(404)
})
