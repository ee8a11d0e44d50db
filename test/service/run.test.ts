import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { makeRoot, removeRoot, runningProcesses } from '../broker/ground.ts'
import { Submission } from '../check/lab.ts'
import { KEYS } from '../menu/screen.ts'
import { Play } from './play.ts'
import { LONG, runsOn, takesLong } from './runs-on.ts'

/** A service is run as students run it: the real program, a real broker, and somebody who types. */

runsOn('embedded')

describe('whatever the broker', () => {
  const root = makeRoot()
  let broker: Broker
  beforeAll(async () => {
    broker = await openBroker({ kind: 'embedded', root, idleMs: 300 })
  })
  afterAll(async () => {
    await broker[Symbol.asyncDispose]()
    await removeRoot(root)
  })

  test('in 60 columns each line says where it comes from, and none is longer', async () => {
    await using play = await Play.begin({ broker, columns: 60 })
    await play.shows('service │  [*] Waiting for messages')
    play.type('resize a photo')
    await play.shows('◀─ │ basic.deliver (deliveryTag 1, body resize a')
    await play.shows('service │  [x] Done')
    play.key('k')
    await play.shows('lab │ Your service was killed')
    await play.shows('not running')
    for (const line of play.terminal.screen.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  test('without a terminal lines are tasks and commands, and what is printed is plain', async () => {
    await using play = await Play.begin({ broker, terminal: false, columns: 80 })
    await play.shows('service │  [*] Waiting for messages')
    play.type(LONG)
    await play.shows('service │  [x] Received a long job')
    play.type('/kill')
    await play.shows('lab │ task_queue holds 1 task now.')
    await play.shows('/start starts your service again, /quit ends the run.')
    play.type('/nonsense')
    await play.shows('There is no command /nonsense. /help lists all of them.')
    play.type('/help')
    await play.shows('/restart  restarts the broker')
    play.type('/s')
    await play.shows('service │  [x] Received a long job', 2)
    play.terminal.stdin.end()
    await play.ended
    expect(play.terminal.screen).toContain('Your service ended with exit code 0.')
    expect(play.terminal.screen).not.toContain('task>')
  })

  test('the trace can be switched off, and on again', async () => {
    await using play = await Play.begin({ broker })
    await play.shows('[*] Waiting for messages')
    play.key('t')
    const before = (await play.shows('The trace is off.')).split('basic.').length
    play.type('unseen')
    await play.shows('[x] Done')
    await play.shows('0 tasks waiting, 0 unacked')
    expect(play.terminal.screen.split('basic.').length).toBe(before)
    play.key('t')
    await play.shows('The trace is on.')
    play.type('seen')
    await play.shows('body seen')
  })

  test('what is typed can be mended and recalled, and begins with any letter', async () => {
    await using play = await Play.begin({ broker })
    await play.shows('[*] Waiting for messages')
    play.terminal.press('keep thiss\u007f')
    await play.shows('task> keep this')
    play.terminal.press(KEYS.enter)
    await play.shows('[x] Received keep this')
    play.terminal.press(KEYS.up)
    await play.shows('task> keep this')
    play.terminal.press(` too${KEYS.enter}`)
    await play.shows('[x] Received keep this too')
    play.terminal.press('\t')
    await play.shows('k kill  s start')
    // Any other key goes back to typing.
    play.terminal.press('x')
    await play.shows('task>\neach dot')
  })

  test('a save offers a restart, and s then starts the service with the file as it is', async () => {
    const file = new URL('../../solutions/05-first-service/exercise.ts', import.meta.url)
    const source = readFileSync(file, 'utf8')
    using submission = new Submission({ '05-first-service/exercise.ts': source })
    await using play = await Play.begin({ broker, tree: submission.tree })
    await play.shows('[*] Waiting for messages')
    const changed = source.replace('Waiting for messages', 'Really waiting for messages')
    writeFileSync(join(submission.tree, '05-first-service', 'exercise.ts'), changed)
    await play.shows('Your file was saved. Tab and s restarts your service to run it.')
    play.key('s')
    await play.shows('[*] Really waiting for messages')
    expect(play.terminal.screen).toContain('Exiting consumer')
  })

  test('a service that declares its queue durable is needed for a restart: else queue and tasks are gone, and that is said', async () => {
    const source = readFileSync(new URL('../../solutions/05-first-service/exercise.ts', import.meta.url), 'utf8')
    using submission = new Submission({
      '05-first-service/exercise.ts': source.replace(
        'await declareTaskQueue(channel, queue)',
        'await channel.assertQueue(queue, { durable: false })',
      ),
    })
    await using play = await Play.begin({ broker, tree: submission.tree })
    await takesLong(play)
    play.key('b')
    await play.shows("task_queue is gone with everything in it, because it wasn't durable.")
  })

  test('a restart waits for a check that is at work; meanwhile the run goes on, and may be left', async () => {
    await using check = await openBroker({ kind: 'embedded', root })
    const turn = await check.turn()
    await using play = await Play.begin({ broker })
    await play.shows('[*] Waiting for messages')
    play.key('b')
    await play.shows('running – the broker restarts soon')
    play.type('resize a photo')
    await play.shows(' [x] Done')
    play.key('b')
    await play.shows('The broker is already restarting.')
    expect(play.terminal.screen).not.toContain('The broker was restarted.')
    await turn[Symbol.asyncDispose]()
    await play.shows('The broker was restarted.')

    await using again = await check.turn()
    await using other = await Play.begin({ broker })
    await other.shows('[*] Waiting for messages')
    other.key('b')
    await other.shows('running – the broker restarts soon')
    other.key('q')
    await other.ended
    expect(other.terminal.screen).not.toContain('The broker was restarted.')
    // The wish has gone with the run: newcomers are let in.
    await using newcomer = await broker.turn()
    expect([again, newcomer]).toHaveLength(2)
  })

  test('where several workers take tasks, each has a line of its own', async () => {
    using submission = new Submission({
      '05-first-service/exercise.ts': `
        import { connect } from 'amqplib'
        for (const name of ['ada', 'grace']) {
          const connection = await connect(process.env.AMQP_URL, { clientProperties: { connection_name: name } })
          const channel = await connection.createChannel()
          await channel.assertQueue(process.env.QUEUE, { durable: true })
          await channel.prefetch(1)
          await channel.consume(process.env.QUEUE, (message) => {
            if (!message.content.toString().includes('long')) channel.ack(message)
          })
        }`,
    })
    await using play = await Play.begin({ broker, tree: submission.tree })
    await play.shows(' grace   0 done   idle')
    play.type('short')
    await play.shows('1 done   idle')
    play.type(LONG)
    play.type('the second long one')
    await play.shows('0 done   1 unacked   ')
    await play.shows('1 done   1 unacked   ')
    expect(await play.shows('the second long one')).toMatch(/^ ada /m)
  })

  test('an exercise that does not load, or crashes, is told, and the run goes on', async () => {
    using submission = new Submission({ '05-first-service/exercise.ts': "throw new Error('not yet')\n" })
    await using play = await Play.begin({ broker, tree: submission.tree })
    await play.shows('nothing handled a rejected promise: Error: not yet')
    await play.shows('Your service ended by itself, with exit code 1.')
    submission.write('05-first-service/exercise.ts', "console.log('mended')\nsetInterval(() => {}, 1000)\n")
    play.key('s')
    await play.shows('mended')
  })

  test('a queue that is declared otherwise than before is told, and how it is declared anew', async () => {
    const declaring = (durable: boolean) => `import { connect } from 'amqplib'
      const channel = await (await connect(process.env.AMQP_URL)).createChannel()
      await channel.assertQueue(process.env.QUEUE, { durable: ${durable} })
      console.log('declared')`
    using submission = new Submission({ '05-first-service/exercise.ts': declaring(false) })
    await using play = await Play.begin({ broker, tree: submission.tree })
    await play.shows('declared')
    submission.write('05-first-service/exercise.ts', declaring(true))
    play.key('s')
    await play.shows('The queue already exists, with other properties')
  })

  test('a service that prints control characters moves no cursor', async () => {
    using submission = new Submission({
      '05-first-service/exercise.ts': "console.log('\\u001b[2J\\u001b[31mred\\u0007')\nsetInterval(() => {}, 1000)\n",
    })
    await using play = await Play.begin({ broker, tree: submission.tree })
    expect(await play.shows('␛[2J␛[31mred␇')).toContain('Type a task and press Enter')
  })

  test("lesson 04's function is run as a service of the lab's", async () => {
    await using play = await Play.begin({ broker, lesson: '04-ack-consumer' })
    await play.shows('[*] Waiting for messages')
    play.type('resize')
    await play.shows('─▶ basic.ack (deliveryTag 1)')
    play.terminal.press(KEYS.ctrlC)
    await play.shows('Your service ended with exit code 0.')
  })

  test('a lesson without tasks says so', async () => {
    await using play = await Play.begin({ broker, lesson: '01-first-connection' })
    await expect(play.ended).rejects.toMatchObject({ code: 'not-runnable' })
  })

  test('nothing is left when it has ended: no process, no virtual host, no file', async () => {
    await using play = await Play.begin({ broker })
    await play.shows('[*] Waiting for messages')
    const running = () =>
      runningProcesses().filter(({ command }) => command.includes('solutions/05-first-service/exercise.ts'))
    const files = () => readdirSync(join(play.state, 'runs'))
    const { url } = JSON.parse(readFileSync(join(play.state, 'runs', files()[0] ?? ''), 'utf8')) as { url: string }
    expect(files()).toEqual([`${process.pid}.json`])
    expect(running().length).toBeGreaterThan(0)
    // The terminal is closed.
    play.signal.abort()
    await play.ended
    expect(files()).toEqual([])
    expect(running()).toEqual([])
    const { connect } = await import('amqplib')
    await expect(connect(url)).rejects.toThrow()
    expect(await play.send('too late')).toMatchObject({ code: 2, stdout: '' })
  })
})
