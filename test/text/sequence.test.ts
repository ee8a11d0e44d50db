import { expect, test } from 'vitest'
import { drawSequence } from '../../lab/text/draw-sequence.ts'
import { DiagramError, isSequence, parseSequence } from '../../lab/text/mermaid.ts'
import type { Sequence } from '../../lab/text/sequence.ts'
import type { Theme } from '../../lab/text/theme.ts'
import { widthOf } from '../../lab/text/wrap.ts'

const PLAIN: Theme = { width: 80, colour: false, unicode: true }

const TRACE: Sequence = {
  participants: [
    { id: 's', name: 'student' },
    { id: 'b', name: 'broker' },
  ],
  rows: [
    { kind: 'message', from: 'b', to: 's', text: 'basic.deliver #1 "task.."', time: '12.1 ms' },
    { kind: 'note', over: ['s'], text: 'the handler begins', time: '12.4 ms' },
    { kind: 'message', from: 's', to: 'b', text: 'basic.ack #1', time: '15.2 ms', mark: 'wrong' },
    { kind: 'note', over: ['s'], text: 'the handler ends: the ack belongs here', time: '265 ms' },
    { kind: 'message', from: 'b', to: 's', text: 'heartbeat', time: '301 ms', mark: 'faint' },
  ],
}

test('a trace has its times on the left and marks what is wrong on the right', async () => {
  await expect(`${drawSequence(TRACE, PLAIN).join('\n')}\n`).toMatchFileSnapshot('golden/trace-80.txt')
  await expect(`${drawSequence(TRACE, { ...PLAIN, width: 60, unicode: false }).join('\n')}\n`).toMatchFileSnapshot(
    'golden/trace-60-ascii.txt',
  )
  await expect(`${drawSequence(TRACE, { ...PLAIN, colour: true }).join('\n')}\n`).toMatchFileSnapshot(
    'golden/trace-80-colour.txt',
  )
})

test.each([80, 60])('nested frames and three participants fit into %i columns', async (width) => {
  const sequence = parseSequence(`sequenceDiagram
    participant S as your service
    participant B as RabbitMQ
    participant W as another worker
    loop until it answers, however long that may take, and it may take very long indeed, you know
      S->>B: connection.start-ok (user, password)
      alt
        B-->>S: connection.close
        opt in time
          W->>W: works on the task, and does so for quite a while
        end
      else
        B--xW: basic.deliver
      end
    end
    Note over S,W: all is well, and everybody goes home early to their friends and families
    Note left of B: left
    Note right of W: right`)
  const lines = drawSequence(sequence, { ...PLAIN, width })
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/frames-${width}.txt`)
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width)
})

test('wide characters keep their columns', () => {
  const [, , , first = ''] = drawSequence(
    {
      participants: [
        { id: 'a', name: 'a' },
        { id: 'b', name: 'b' },
      ],
      rows: [{ kind: 'message', from: 'a', to: 'b', text: '任务' }],
    },
    PLAIN,
  )
  expect(first).toBe('   │── 任务 ──▶│')
})

test("mermaid's arrows, notes and frames become rows", () => {
  const source = `%% a comment
sequenceDiagram
  autonumber
  actor A as Anna
  A->>+B: one<br/>two
  B-->>-A: #59;
  A-x B:lost
  A--)B: later
  Note over A,B: both
  alt yes
    A->B: x
  else no
    B-->A:
  end`
  expect(parseSequence(source)).toEqual({
    participants: [
      { id: 'A', name: 'Anna' },
      { id: 'B', name: 'B' },
    ],
    rows: [
      { kind: 'message', from: 'A', to: 'B', text: 'one two', line: 'solid', head: 'arrow' },
      { kind: 'message', from: 'B', to: 'A', text: ';', line: 'dashed', head: 'arrow' },
      { kind: 'message', from: 'A', to: 'B', text: 'lost', line: 'solid', head: 'lost' },
      { kind: 'message', from: 'A', to: 'B', text: 'later', line: 'dashed', head: 'arrow' },
      { kind: 'note', over: ['A', 'B'], side: 'over', text: 'both' },
      {
        kind: 'frame',
        name: 'alt',
        parts: [
          { label: 'yes', rows: [{ kind: 'message', from: 'A', to: 'B', text: 'x', line: 'solid', head: 'none' }] },
          {
            label: 'else: no',
            rows: [{ kind: 'message', from: 'B', to: 'A', text: '', line: 'dashed', head: 'none' }],
          },
        ],
      },
    ],
  })
})

test.each([
  ['A->>B: hi', "line 1 of the diagram: it does not begin with 'sequenceDiagram'"],
  ['sequenceDiagram\n  A=>B: hi', "line 2 of the diagram: 'A=>B: hi' can't be drawn"],
  ['sequenceDiagram\n  end', "line 2 of the diagram: this 'end' has nothing to end"],
  ['sequenceDiagram\n  else x', "line 2 of the diagram: 'else' stands outside of any frame"],
  ['sequenceDiagram\n  loop x\n  A->>B: hi', "line 3 of the diagram: 'loop' has no 'end'"],
])('a diagram that can not be read says where: %j', (source, message) => {
  expect(() => parseSequence(source)).toThrow(
    new DiagramError(Number(message.match(/\d+/)), message.replace(/^.*?: /, '')),
  )
})

test('a sequence diagram is told from other kinds', () => {
  expect(isSequence('%% hm\nsequenceDiagram\n')).toBe(true)
  expect(isSequence('graph TD')).toBe(false)
})

test('a message to nobody known is an error of the caller', () => {
  const rows: Sequence['rows'] = [{ kind: 'message', from: 's', to: 'x', text: '' }]
  expect(() => drawSequence({ ...TRACE, rows }, PLAIN)).toThrow("'x' is not one of the participants")
})
