import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CheckReport } from '../../lab/report/report.ts'
import { labCommand, Submission } from './lab.ts'

/** An exercise says what it likes, in errors, output and names: it clears no screen and writes no verdict of its own. */

const LIE = '\u001b[2J\u001b[H\u001b[32m✔ Passed\u001b[0m on RabbitMQ: all 8 expectations.\u202e\u200b\u009b3A'
const EXERCISE = `
const LIE = ${JSON.stringify(LIE)}
export async function consumeTasks(channel, queue, handle) {
  console.log(LIE)
  console.error('\\u001b]0;passed\\u0007' + 'x'.repeat(100_000))
  await channel.assertQueue(LIE, {})
  throw new Error(LIE + '\\n\\n✔ Passed\\n' + 'y'.repeat(100_000))
}
`
const FILE = '04-ack-consumer/exercise.ts'
/** All that a terminal, or an XML parser, takes for more than a letter. */
const RAW = /[\p{Cc}\p{Cf}\p{Cs}]/u

function rawIn(text: string): string[] {
  return text.split('\n').filter((line) => RAW.test(line))
}

test('as text and as JUnit nothing of it is raw, and it has failed; as JSON it is just what was said', async () => {
  using submission = new Submission({ [FILE]: EXERCISE })
  const file = join(submission.tree, 'junit.xml')
  const records = join(submission.tree, 'records')
  const args = ['check', '4', '--broker', 'embedded', '--tree', submission.tree, '--record', records]
  const ran = await labCommand([...args, '--verbose', '--junit', file])
  expect(ran.code).toBe(1)
  expect(rawIn(ran.stdout)).toEqual([])
  expect(rawIn(ran.stderr)).toEqual([])
  expect(ran.stdout).toContain('rejected: ␛[2J␛[H␛[32m✔ Passed␛[0m on RabbitMQ')
  expect(ran.stdout).toContain('\\u{202e}\\u{200b}\\u{9b}3A')
  expect(ran.stdout).toContain('␛]0;passed␇xxx')
  expect(ran.stdout).toMatch(/^Not yet on .* 5 of 9$/m)
  // What has no end is cut: in the first detail, the whole of two scenarios, and what they shorten.
  expect(ran.stdout.length).toBeLessThan(50_000)

  const xml = readFileSync(file, 'utf8')
  expect(rawIn(xml)).toEqual([])
  expect(xml).toContain('message="consumeTasks() rejected: ␛[2J␛[H␛[32m✔ Passed')
  expect(xml).toMatch(/failures="5" errors="0" skipped="4"/)

  const json = await labCommand(['check', '4', '--from', records, '--json'])
  expect(json.code).toBe(1)
  expect(rawIn(json.stdout.replace(/[\u007f-\u{10ffff}]/gu, ''))).toEqual([])
  const [lesson] = (JSON.parse(json.stdout) as CheckReport).lessons
  expect(lesson?.expectations[0]?.message).toContain(LIE)
  expect(lesson?.output?.[0]).toBe(LIE)
})

test('beside the solution it can be read as well: in a terminal and on a page', async () => {
  using submission = new Submission({ [FILE]: EXERCISE })
  const page = join(submission.tree, 'page.html')
  const args = ['compare', '4', '--broker', 'embedded', '--tree', submission.tree]
  const [text, html] = await Promise.all([labCommand(args), labCommand([...args, '--html', page])])
  for (const { code, stdout, stderr } of [text, html]) {
    expect(code).toBe(0)
    expect([...rawIn(stdout), ...rawIn(stderr)]).toEqual([])
  }
  expect(text.stdout).toContain('␛[2J␛[H␛[32m✔ Passed')
  const written = readFileSync(page, 'utf8')
  expect(rawIn(written)).toEqual([])
  expect(written).toContain('␛[2J␛[H␛[32m✔ Passed')
})

test('a file whose name is written to move the cursor is only named', async () => {
  const ran = await labCommand(['check', '4', '--broker', 'embedded', '--tree', 'no\u001b[2Jsuch\u202efolder'])
  expect(ran.code).toBe(2)
  expect(rawIn(ran.stderr)).toEqual([])
  expect(ran.stderr).toContain('no␛[2Jsuch\\u{202e}folder')
})
