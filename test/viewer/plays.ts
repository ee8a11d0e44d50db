import type { Recording } from '../../lab/recording/recording.ts'
import { viewerPage } from '../../lab/viewer/page.ts'
import type { Link } from '../../lab/viewer/shared/film.ts'
import { showOf } from '../../lab/viewer/show.ts'
import { ack, began, consuming, delivery, finish, held, opened, recording, told } from './recordings.ts'

/** A service that acknowledges too soon, and is killed: a task is lost. */
export const LOST: Recording = recording(
  { kind: 'process', ms: 0, student: 1, what: 'started' },
  held('published', { queue: 'tasks', tasks: ['resize photo 1', '翻訳する: 東京 🧾'] }),
  opened(),
  consuming(),
  delivery(1, 'resize photo 1'),
  ack(1),
  began(1, 'resize photo 1'),
  delivery(2, '翻訳する: 東京 🧾'),
  began(2, '翻訳する: 東京 🧾'),
  { kind: 'fault', ms: 0, name: 'reset', on: true },
  { kind: 'process', ms: 0, student: 1, what: 'signalled', signal: 'SIGKILL' },
  { kind: 'tcp', ms: 0, connection: 1, what: 'ended', by: 'student' },
  { kind: 'process', ms: 0, student: 1, what: 'exited', code: null, signal: 'SIGKILL' },
  { kind: 'fault', ms: 0, name: 'reset', on: false },
  held('queue', { queue: 'tasks', exists: true, messages: 1, consumers: 0 }),
)

/** The same, acknowledged when the work is done. */
export const KEPT: Recording = recording(
  { kind: 'process', ms: 0, student: 1, what: 'started' },
  held('published', { queue: 'tasks', tasks: ['resize photo 1'] }),
  opened(),
  consuming(),
  delivery(1, 'resize photo 1'),
  began(1, 'resize photo 1'),
  finish({ calls: [1], tasks: ['resize photo 1'], how: 'resolve' }),
  ack(1),
  told('stopped', {}),
)

const HEADING = {
  title: '04 A task is done when its work is done',
  lines: ['not yet, 1 of 2 expectations failed.'],
}

const EXPECTATIONS = [
  {
    step: 1,
    title: 'acknowledges a task when its work is done, not before',
    verdict: 'failed' as const,
    message: "Your service acknowledged 'resize photo 1' before its handler had begun.",
    at: { file: 'exercise.ts', line: 24, text: 'channel.ack(message)' },
    scenarios: ['a play'],
  },
  { step: 1, title: 'gives each task to its handler', verdict: 'passed' as const, scenarios: ['a play'] },
]

/** Where the ack and the first handler are. */
export const ACK = LOST.events.findIndex((event) => event.kind === 'frame' && event.method === 'basic.ack')
const BEGAN = LOST.events.findIndex((event) => event.kind === 'told')

/** A page of two scenarios, with an expectation that failed and one that passed. */
export function pageOf(recorded: Recording = LOST): string {
  const decided = new Map([
    [EXPECTATIONS[0]?.title ?? '', [{ scenario: 'a play', place: ACK }]],
    [EXPECTATIONS[1]?.title ?? '', [{ scenario: 'a play', place: BEGAN }]],
  ])
  const other = { ...KEPT, scenario: 'another play' }
  const played = [recorded, other].map((each) => ({ name: each.scenario, recordings: [each], decided }))
  return viewerPage(HEADING, showOf(played, EXPECTATIONS))
}

/** A page of two recordings side by side. */
export function pageOfTwo(links: Link[]): string {
  const played = [{ name: 'a play', recordings: [LOST, KEPT], links }]
  return viewerPage(HEADING, showOf(played, [], ['Yours', 'The solution']))
}
