import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { viewerPage } from '../../lab/viewer/page.ts'
import { showOf, showsTogether } from '../../lab/viewer/show.ts'
import { delivery, opened, recording } from './recordings.ts'

const EVIL = `</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>`
const EXPECTATION = { step: 1, title: 'acknowledges', verdict: 'failed' as const, scenarios: ['a play'] }

function page(task = 'a', title = '04 A lesson'): string {
  const played = { name: 'a play', recordings: [recording(opened(), delivery(1, task))] }
  return viewerPage({ title, lines: [task] }, showOf([played], [{ ...EXPECTATION, message: task }]))
}

test('the page runs its own script and no other, and fetches nothing', () => {
  const html = page()
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? ''
  const hash = (text: string | undefined) =>
    `'sha256-${createHash('sha256')
      .update(text ?? '')
      .digest('base64')}'`
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(policy).toContain(`script-src ${hash(/<script type="module">([\s\S]*?)<\/script>/.exec(html)?.[1])}`)
  expect(policy).toContain(`style-src ${hash(/<style>([\s\S]*?)<\/style>/.exec(html)?.[1])}`)
  expect(html).not.toMatch(/\s(src|href|srcset|style|on\w+)=["']|@import|url\((?!#)/)
})

test('the script is one that a browser can read: nothing of TypeScript or of modules is left, no name is there twice', () => {
  const script = /<script type="module">([\s\S]*?)<\/script>/.exec(page())?.[1] ?? ''
  expect(() => new Script(`'use strict';${script}`)).not.toThrow()
  expect(script).not.toMatch(/^(import|export) /m)
})

test('whatever was recorded, it stays text', () => {
  const html = page(EVIL, EVIL)
  expect(html.match(/<script/g)).toHaveLength(2)
  expect(html).not.toMatch(/<img|<!--/)
  const data = /<script type="application\/json">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
  expect(JSON.stringify(JSON.parse(data))).toContain('onerror=alert(1)')
})

test('expectations are on the axis where they are decided, in each scenario that they read', () => {
  const [one, other] = [recording(opened()), { ...recording(opened(), delivery(1, 'a')), scenario: 'another' }]
  const decided = new Map([['acknowledges', [{ scenario: 'another', place: 8 }]]])
  const played = [one, other].map((each) => ({ name: each.scenario, recordings: [each], decided }))
  const show = showOf(played, [{ ...EXPECTATION, scenarios: ['a play', 'another', 'not played'] }])
  expect(show.marks[0]?.decided).toEqual([{ scene: 0 }, { scene: 1, moment: 7 }])
  const both = showsTogether([show, show])
  expect(both.scenes).toHaveLength(4)
  expect(both.marks[1]?.decided).toEqual([{ scene: 2 }, { scene: 3, moment: 7 }])
})
