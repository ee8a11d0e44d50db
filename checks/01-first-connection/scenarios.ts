import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { frames, processes, tcp } from '../../lab/recording/ask.ts'
import { goOn, type WaitOptions } from '../../lab/recording/recorder.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { since } from '../../lab/recording/span.ts'
import type { Student } from '../../lab/student/student.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'

export const FIRST = 'order-service'
/** Whatever is made of a name, a path or a lower-case word, is another name. */
export const SECOND = 'Mailer 2 (Bonn/EU): invoices, reminders and receipts of every shop'
const THIRD = 'billing'
/** Rejecting needs nothing but the event loop and, for a refusal, the broker's answer. */
export const MOMENTS_MS = 5000
/** The longest wait before a reconnection that tutorials have, and a bit. */
const RECONNECTION_MS = 6000

export const answers = scenario('a broker that answers', async (stage) => {
  const service = await stage.student()
  await service.ask('open', { url: stage.url, name: FIRST })
  await service.ask('use', { name: FIRST })
  stage.mark('used')
  await service.ask('open', { url: stage.url, name: SECOND })
  const listed = await stage.connections()
  const names = listed.map(({ name }) => name ?? null)
  stage.recorder.note({ kind: 'broker', what: 'connections', data: { names } })
  stage.mark('listed')
  const closing = stage.mark('closing')
  await service.ask('close', { name: FIRST }, { limitMs: MOMENTS_MS })
  await service.ask('close', { name: SECOND }, { limitMs: MOMENTS_MS })
  await service.ping()
  // close() settles when the broker has answered it: what was never sent by now is not worth waiting for.
  if (frames(stage.recorder, 'connection.close').length === 0) return
  if (await connectsAgain(stage, closing, 0)) return
  await stage.openConnections(0)
  await timersEnd(stage, service, closing)
  stage.mark('closed')
})

export const odd = scenario(
  'names that need percent-encoding',
  async (stage) => {
    const service = await stage.student()
    await service.ask('open', { url: stage.url, name: FIRST })
    stage.mark('opened')
  },
  { spelling: 'odd' },
)

export const refused = scenario('the broker refuses', async (stage) => {
  const service = await stage.student()
  const url = new URL(stage.url)
  url.password = 'wrong'
  if (await triesAgain(stage, service, { url: url.href, name: 'wrong-password' })) return
  url.href = stage.url
  url.pathname = '/no-such-virtual-host'
  if (await triesAgain(stage, service, { url: url.href, name: 'no-virtual-host' })) return
  await timersEnd(stage, service, stage.mark('all refused'))
  await service.ask('open', { url: stage.url, name: FIRST })
  stage.mark('connected afterwards')
})

export const unreachable = scenario('no broker answers', async (stage) => {
  const service = await stage.student()
  const closed = await stage.wire.switchOn(refuse())
  const attempts = (options: WaitOptions) => service.told('attempt', options)
  if (await triesAgain(stage, service, { url: stage.url, name: 'closed-port' }, attempts)) return
  // The next fault is on before this one is off: no attempt slips through between them.
  const broken = await stage.wire.switchOn(closeInHandshake({ at: 'connection.start', how: 'reset' }))
  await closed.off()
  if (await triesAgain(stage, service, { url: stage.url, name: 'broken-off' })) return
  await timersEnd(stage, service, stage.mark('all failed'))
  await broken.off()
  // The same call again: what it came to before has no say in it.
  await service.ask('open', { url: stage.url, name: 'broken-off' })
  stage.mark('connected afterwards')
})

export const lost = scenario('the connection is lost', async (stage) => {
  const service = await stage.student()
  await service.ask('open', { url: stage.url, name: FIRST })
  if ((await stage.closeConnections()) === 0) {
    stage.mark('nothing to lose')
    return
  }
  const close = await stage.wire.sees('connection.close', undefined, { from: 'broker', limitMs: MOMENTS_MS })
  // It knows of the loss by then, and a new connection shows that it can go on.
  await service.lives()
  await timersEnd(stage, service, close)
  await service.ask('open', { url: stage.url, name: FIRST })
  stage.mark('outlived the close')
  const loss = stage.mark('the reset')
  await stage.wire.switchOn(reset())
  await service.lives()
  await timersEnd(stage, service, loss)
  await service.ask('open', { url: stage.url, name: THIRD })
  stage.mark('outlived the reset')
})

/** Whether one more connection is there, or comes within `ms`. */
async function connectsAgain({ recorder }: Stage, after: RecordedEvent, ms: number): Promise<boolean> {
  const isOneMore = () => tcp(since(recorder, after), 'accepted').length > 0
  const isOver = () => processes(recorder, 'exited').length > 0
  const limits = { after, limitMs: 2 * RECONNECTION_MS, signal: AbortSignal.timeout(ms) }
  if (ms > 0) await recorder.waitFor('one more', () => isOneMore() || isOver(), limits).catch(() => {})
  return isOneMore()
}

/** Only a service that has set a timer may be about to connect again, or to end: that gets the time for it. */
async function timersEnd(stage: Stage, service: Student, after: RecordedEvent): Promise<void> {
  const { value: timers } = await service.ask('timers')
  if (Number(timers) === 0 || !(await connectsAgain(stage, after, RECONNECTION_MS))) return
  await stage.wire.sees('protocol-header', undefined, { after, limitMs: MOMENTS_MS }).catch(goOn)
}

/**
 * Opens a connection that must fail, and waits until the call has settled.
 *
 * @param sees waits for attempts
 * @returns true when a second attempt came first
 */
async function triesAgain(
  stage: Stage,
  service: Student,
  args: { url: string; name: string },
  sees = (options: WaitOptions): Promise<unknown> => stage.wire.sees('protocol-header', undefined, options),
): Promise<boolean> {
  const ending = new AbortController()
  const { signal } = ending
  const again = sees({ count: 2, after: stage.mark(args.name), signal, limitMs: 2 * MOMENTS_MS }).then(() => true)
  const once = service
    .settled(service.call('open', args), 'openConnection()', { limitMs: MOMENTS_MS, signal })
    .then(() => false)
  try {
    const triedAgain = await Promise.race([once, again])
    // Whatever the failure does to the process it has done before the next call.
    await service.ping()
    return triedAgain
  } finally {
    ending.abort()
    await Promise.allSettled([once, again])
  }
}
