import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mistakesOf } from '../../lab/authors/mistakes.ts'
import { ROOT } from '../../lab/root.ts'
import type { Show } from '../../lab/viewer/shared/film.ts'
import { labCommand, Submission } from '../check/lab.ts'

const LESSON = '04-ack-consumer'

test('check --html writes a page that steps through what was recorded, to where a failure is decided', async () => {
  const mistakes = await mistakesOf(ROOT, LESSON)
  const source = mistakes.find(({ name }) => name === 'acks-on-arrival')?.source ?? ''
  using submission = new Submission({ [`${LESSON}/exercise.ts`]: source })
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-page-'))
  try {
    const args = ['check', '4', '--tree', submission.tree, '--broker', 'embedded', '--html', 'out/ada.html']
    const { code, stdout } = await labCommand(args, { INIT_CWD: folder })
    expect(code).toBe(1)
    expect(stdout).toContain('out/ada.html')
    const page = readFileSync(join(folder, 'out', 'ada.html'), 'utf8')
    expect(page).toContain('<p>Judged on Cluster Up embedded broker')
    const show = JSON.parse(/<script type="application\/json">([^<]*)<\/script>/.exec(page)?.[1] ?? '') as Show
    const decided = show.marks
      .filter(({ verdict }) => verdict === 'failed')
      .flatMap(({ decided }) => decided)
      .flatMap(({ scene, moment = -1 }) => show.scenes[scene]?.films[0]?.moments[moment]?.method ?? [])
    expect(decided).toEqual(['basic.ack', 'basic.ack'])
    const passed = show.marks.filter(({ verdict }) => verdict === 'passed')
    expect(passed.every(({ decided }) => decided.some(({ moment }) => moment !== undefined))).toBe(true)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('--html does not go with --times', async () => {
  const { code, stderr } = await labCommand(['check', '4', '--times', '2', '--html', 'x.html'])
  expect(code).toBe(2)
  expect(stderr).toContain("--times can't be combined with --watch, --verbose, --html or --from.")
})
