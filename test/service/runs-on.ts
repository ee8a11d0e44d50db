import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import type { KindName } from '../../lab/broker/kinds/kind.ts'
import { makeRoot, PRODUCTS, removeRoot } from '../broker/ground.ts'
import { KEYS } from '../menu/screen.ts'
import { Play } from './play.ts'

/** One that takes as long as it takes: nobody waits for its end. */
export const LONG = `a long job ${'.'.repeat(200)}`

/** The service is up, and is given work of which nobody sees the end. */
export async function takesLong(play: Play): Promise<void> {
  await play.shows('[*] Waiting for messages')
  play.type(LONG)
  await play.shows('[x] Received a long job')
}

/** Declares the tests of a run on a broker of this kind: what RabbitMQ and the embedded broker might do differently. */
export function runsOn(kind: KindName): void {
  describe(kind, () => {
    const root = makeRoot()
    let broker: Broker
    beforeAll(async () => {
      broker = await openBroker({ kind, root, idleMs: 300 })
    })
    afterAll(async () => {
      await broker[Symbol.asyncDispose]()
      await removeRoot(root)
    })

    test('a typed task is worked on, and its frames stand beside what the service prints', async () => {
      await using play = await Play.begin({ broker })
      await play.shows('[*] Waiting for messages')
      play.type('resize a photo')
      await play.shows('◀─ basic.deliver (deliveryTag 1, body resize a photo)')
      await play.shows(' [x] Received resize a photo')
      await play.shows(' [x] Done')
      const screen = await play.shows('─▶ basic.ack (deliveryTag 1)')
      expect(screen).toMatch(/^ \[x\] Received resize a photo +│$/m)
      expect(screen).not.toContain('heartbeat  ')
      expect(await play.shows('running – 0 tasks waiting, 0 unacked – ')).toContain(PRODUCTS[kind])
    })

    test('killed in the middle of a task and started again, it gets the task again', async () => {
      await using play = await Play.begin({ broker })
      await takesLong(play)
      play.key('k')
      await play.shows('Your service was killed with 1 unacknowledged task. The broker puts it back.')
      await play.shows('task_queue holds 1 task now.')
      await play.shows('not running – 1 task waiting, 0 unacked')
      play.key('s')
      await play.shows('◀─ basic.deliver (deliveryTag 1, redelivered, body a long job')
      await play.shows('[x] Received a long job', 2)
    })

    test('the broker is restarted: the tasks are still there', async () => {
      await using play = await Play.begin({ broker })
      await takesLong(play)
      play.type('behind it')
      await play.shows('1 task waiting, 1 unacked')
      play.key('b')
      await play.shows('task_queue is still there, because it is durable. It still holds 2 tasks')
      // Lesson 05's solution ends when its connection is lost.
      await play.shows('Your service ended by itself, with exit code 1. task_queue holds 2 tasks now.')
      play.key('s')
      await play.shows('redelivered')
      await play.shows('[x] Received a long job', 2)
    })

    test('Ctrl-C in the middle of a task stops the service; the run goes on until the next one', async () => {
      await using play = await Play.begin({ broker })
      await takesLong(play)
      play.terminal.press(KEYS.ctrlC)
      await play.shows('Sent SIGINT. Your service has 1 unacknowledged task.')
      await play.shows('Exiting consumer')
      await play.shows('Your service ended with exit code 0. task_queue holds 1 task now.')
      play.terminal.press(KEYS.ctrlC)
      await play.ended
      expect(play.terminal.screen).toContain('The run ends, and task_queue with its 1 task.')
    })

    test('a task that is sent from a second terminal gets there', async () => {
      await using play = await Play.begin({ broker })
      await play.shows('[*] Waiting for messages')
      play.key('k')
      await play.shows('not running')
      const sent = await play.send('one', 'two', '--times', '2')
      expect(sent).toMatchObject({ code: 0, stderr: '' })
      expect(sent.stdout).toBe(
        'Sent 4 tasks to task_queue. 4 tasks are waiting there now. No service is consuming from it.\n',
      )
      play.key('s')
      await play.shows('[x] Received one', 2)
      await play.shows('[x] Received two', 2)
    })
  })
}
