import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kept, keptLessons } from '../../lab/check/kept.ts'
import type { Recording } from '../../lab/recording/recording.ts'
import { labCommand } from '../check/lab.ts'
import { doubtsOf } from './recordings.ts'

/** While nobody consumes, its task's retry delay ends: no wire can know when. */
const OUT_OF_SIGHT = 'the worker is killed between two attempts'
const LESSONS = ['4', '7', '8', '9', '10', '11', '12']

const folder = mkdtempSync(join(tmpdir(), 'cluster-up-counts-'))
let recordings: Recording[] = []

beforeAll(async () => {
  const { code } = await labCommand([
    'check',
    ...LESSONS,
    '--tree',
    'solutions',
    '--broker',
    'embedded',
    '--record',
    folder,
  ])
  expect(code).toBe(0)
  recordings = keptLessons(folder).flatMap((lesson) =>
    readdirSync(join(folder, lesson)).map((file) => kept(folder, lesson, file.replace(/\.json$/, ''))),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('wherever the broker counted what is ready, what the wire saw comes to the same', () => {
  const counted = recordings.filter(({ events }) =>
    events.some((event) => event.kind === 'broker' && event.what === 'queue' && event.data.messages > 0),
  )
  expect(counted.length).toBeGreaterThan(0)
  const inSight = recordings.filter(({ scenario }) => scenario !== OUT_OF_SIGHT)
  const wrong = inSight.flatMap((recording) =>
    doubtsOf(recording).flatMap((doubt) =>
      doubt.startsWith('The broker counts') ? `${recording.lesson}, ${recording.scenario}: ${doubt}` : [],
    ),
  )
  expect(wrong).toEqual([])
})
