import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Settlement,
  type Shortfall,
  type Stage,
  said,
  settled,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { type Connection, connections } from '../../lab/recording/connections.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import type { Student } from '../../lab/student/student.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'

const FIRST = 'order-service'
const SECOND = 'mailer'
const THIRD = 'billing'
/** Rejecting needs nothing but the event loop and, for a refusal, the broker's answer. */
const MOMENTS_MS = 5000
/** The longest wait before a reconnection that tutorials have, and a bit. */
const RECONNECTION_MS = 6000

const answers = scenario('a broker that answers', async (stage) => {
  const service = await stage.student()
  await service.ask('open', { url: stage.url, name: FIRST })
  await service.ask('use', { name: FIRST })
  stage.mark('used')
  await service.ask('open', { url: stage.url, name: SECOND })
  await listConnections(stage)
  stage.mark('listed')
  const closing = stage.mark('closing')
  await service.ask('close', { name: FIRST }, { limitMs: MOMENTS_MS })
  await service.ask('close', { name: SECOND }, { limitMs: MOMENTS_MS })
  await service.ping()
  // close() settles when the broker has answered it: what was never sent by now is not worth waiting for.
  if (!stage.recorder.events.some((event) => event.kind === 'frame' && event.method === 'connection.close')) return
  if (await isConnectedAgain(stage, closing, 0)) return
  await stage.openConnections(0)
  const timers = await service.ask('timers')
  // Whoever has set a timer may be about to connect again: only then is it worth to wait.
  if (timers.ok && Number(timers.value) > 0) await isConnectedAgain(stage, closing, RECONNECTION_MS)
  stage.mark('closed')
})

const odd = scenario(
  'names that need percent-encoding',
  async (stage) => {
    const service = await stage.student()
    await service.ask('open', { url: stage.url, name: FIRST })
    stage.mark('opened')
  },
  { spelling: 'odd' },
)

const refused = scenario('the broker refuses', async (stage) => {
  const service = await stage.student()
  const twice = (signal: AbortSignal, after: RecordedEvent) =>
    stage.wire.sees('protocol-header', undefined, { count: 2, after, signal, limitMs: 2 * MOMENTS_MS })
  const url = new URL(stage.url)
  url.password = 'wrong'
  if (await triesAgain(stage, service, { url: url.href, name: 'wrong-password' }, twice)) return
  url.href = stage.url
  url.pathname = '/no-such-virtual-host'
  if (await triesAgain(stage, service, { url: url.href, name: 'no-virtual-host' }, twice)) return
  await service.ask('open', { url: stage.url, name: FIRST })
  stage.mark('connected afterwards')
})

const unreachable = scenario('no broker answers', async (stage) => {
  const service = await stage.student()
  const closed = await stage.wire.switchOn(refuse())
  const refusedTwice = await triesAgain(stage, service, { url: stage.url, name: 'closed-port' }, (signal, after) =>
    service.told('attempt', { count: 2, after, signal, limitMs: 2 * MOMENTS_MS }),
  )
  if (refusedTwice) return
  // The next fault is on before this one is off: no attempt slips through between them.
  const broken = await stage.wire.switchOn(closeInHandshake({ at: 'connection.start', how: 'reset' }))
  await closed.off()
  const brokenTwice = await triesAgain(stage, service, { url: stage.url, name: 'broken-off' }, (signal, after) =>
    stage.wire.sees('protocol-header', undefined, { count: 2, after, signal, limitMs: 2 * MOMENTS_MS }),
  )
  if (brokenTwice) return
  await broken.off()
  await service.ask('open', { url: stage.url, name: FIRST })
  stage.mark('connected afterwards')
})

const lost = scenario('the connection is lost', async (stage) => {
  const service = await stage.student()
  await service.ask('open', { url: stage.url, name: FIRST })
  if ((await stage.closeConnections()) === 0) {
    stage.mark('nothing to lose')
    return
  }
  await stage.wire.sees('connection.close', undefined, { from: 'broker', limitMs: MOMENTS_MS })
  await outlives(stage, service, SECOND)
  stage.mark('outlived the close')
  await stage.wire.switchOn(reset())
  await outlives(stage, service, THIRD)
  stage.mark('outlived the reset')
})

/** Has the broker list the connections of the student's. */
async function listConnections(stage: Stage): Promise<void> {
  const listed = await stage.connections()
  const names = listed.map(({ name }) => name ?? null)
  stage.recorder.note({ kind: 'broker', what: 'connections', data: { names } })
}

/** Whether one more connection is there, or comes within `ms`. */
async function isConnectedAgain(stage: Stage, after: RecordedEvent, ms: number): Promise<boolean> {
  const isOneMore = (event: RecordedEvent) => event.kind === 'tcp' && event.what === 'accepted'
  const isOver = (event: RecordedEvent) => event.kind === 'process' && event.what === 'exited'
  const { recorder } = stage
  const limits = { after, limitMs: 2 * RECONNECTION_MS, signal: AbortSignal.timeout(ms) }
  if (ms > 0) await recorder.waitFor('one more', (event) => isOneMore(event) || isOver(event), limits).catch(() => {})
  return recorder.events.slice(recorder.events.indexOf(after)).some(isOneMore)
}

/**
 * Opens a connection that must fail, and waits until the call has settled.
 *
 * @returns true when a second attempt came first
 */
async function triesAgain(
  stage: Stage,
  service: Student,
  args: { url: string; name: string },
  twice: (signal: AbortSignal, after: RecordedEvent) => Promise<unknown>,
): Promise<boolean> {
  const ending = new AbortController()
  const again = twice(ending.signal, stage.mark(args.name)).then(() => true)
  const once = service
    .settled(service.call('open', args), 'openConnection()', { limitMs: MOMENTS_MS, signal: ending.signal })
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

/** The connection was lost: two answers show that the process knows it, and a new connection that it can go on. */
async function outlives(stage: Stage, service: Student, name: string): Promise<void> {
  await service.ping()
  await service.ping()
  await service.ask('open', { url: stage.url, name })
}

interface Failure {
  /** The name that the call was made under. */
  name: string
  why: string
  /** What the error, or one that it was made from, says. */
  says: RegExp
  /** The attempts among the events from this call to the next. */
  tries: (events: RecordedEvent[]) => RecordedEvent[]
}

/** Judges calls that had to reject. */
function rejects(recording: Recording, failures: Failure[]): Shortfall | undefined {
  for (const { name, why, says, tries } of failures) {
    const begun = marked(recording, name)
    if (!begun) break
    const events = eventsOf(recording, name)
    const made = tries(events)
    const answer = outcome(recording, name)
    if (made.length > 1) {
      return {
        seen: `${why}, and ${times(made.length - 1, 'more attempt')} followed.`,
        looksLike: 'retries',
        show: [...made.slice(0, 3), answer?.event],
        wrong: { event: made[1], instead: 'no second attempt: openConnection() rejects after the first' },
      }
    }
    const end = events.find((event) => event.kind === 'finding')
    if (end?.kind === 'finding') {
      const ends = { exited: 'exits-on-failure', 'unhandled-rejection': 'floating-promise' }
      return {
        seen: `${why}. ${end.sentence}`,
        looksLike: ends[end.id as keyof typeof ends],
        show: [...made, ...refusals(events), answer?.event, end],
        wrong: { event: end, instead: 'the process goes on, and the caller gets the error' },
      }
    }
    if (!answer) {
      const waited = events.find((event) => event.kind === 'awaited')
      return {
        seen: `${why}, and ${MOMENTS_MS / 1000} s later openConnection() had neither resolved nor rejected.`,
        looksLike: 'never-settles',
        show: [...made, ...refusals(events), waited],
        wrong: { event: waited, instead: 'openConnection() rejects with the error' },
      }
    }
    if (answer.ok) {
      return {
        seen: `${why}, but openConnection() resolved with ${(answer.value as { is: string }).is}.`,
        looksLike: 'swallows-failure',
        show: [...made, ...refusals(events), answer.event],
        wrong: { event: answer.event, instead: 'the call rejects with the error' },
      }
    }
    const words = String(told(recording, 'rejected').find(({ data }) => data.name === name)?.data.with ?? said(answer))
    if (!says.test(words)) {
      return {
        seen: `${why}, but openConnection() rejected with: ${said(answer)}`,
        looksLike: 'hides-error',
        show: [...made, ...refusals(events), answer.event],
        wrong: { event: answer.event, instead: 'the call rejects with the error that happened' },
      }
    }
  }
  return reached(recording, 'connected afterwards')
}

/** Judges the life of the process after the loss of its connection. */
function livesOn(
  recording: Recording,
  what: string,
  loss: RecordedEvent | undefined,
  mark: string,
): Shortfall | undefined {
  const opened = outcome(recording, FIRST)
  if (opened && !opened.ok) {
    return {
      seen: `There was no connection to lose, as openConnection() rejected: ${said(opened)}`,
      show: [opened.event],
    }
  }
  if (opened && marked(recording, 'nothing to lose')) {
    return {
      seen: 'openConnection() had resolved, but the broker had no open connection of your service.',
      show: [...frames(recording, 'connection.close'), opened.event],
    }
  }
  const end = findings(recording)[0]
  const before = loss && end && recording.events.indexOf(loss) < recording.events.indexOf(end)
  if (marked(recording, mark) || !before) return reached(recording, mark)
  // Node says so when it ends a process over an 'error' event that nobody listened for.
  const unheard = recording.events.some(
    (event) => event.kind === 'process' && /^Emitted 'error' event/.test(event.text ?? ''),
  )
  const own = end.id === 'exited' || (end.id === 'crashed' && !unheard)
  return {
    seen: `${what}, and the process ended. ${end.sentence}`,
    looksLike: own ? 'exits-on-loss' : unheard ? 'no-error-listener' : undefined,
    show: [loss, end],
    wrong: { event: end, instead: 'the process lives on' },
  }
}

/** What became of the call that the lab made under this name. */
function outcome(recording: Recording, name: string): Settlement | undefined {
  return settled(recording, 'open', (args) => args.name === name)
}

function isOpened({ reached }: Connection): boolean {
  return reached === 'open'
}

function frames(recording: Recording, method: string): FrameEvent[] {
  return recording.events.filter((event) => event.kind === 'frame' && event.method === method) as FrameEvent[]
}

function headers(events: RecordedEvent[]): RecordedEvent[] {
  return events.filter((event) => event.kind === 'frame' && event.method === 'protocol-header')
}

function refusals(events: RecordedEvent[]): RecordedEvent[] {
  return events.filter(
    (event) =>
      (event.kind === 'frame' && event.method === 'connection.close') || (event.kind === 'tcp' && event.by === 'lab'),
  )
}

function isOpenCall(event: RecordedEvent, name?: string): boolean {
  if (event.kind !== 'asked' || event.name !== 'open') return false
  const { args } = event.data as { args: { name: string } }
  return name === undefined || args.name === name
}

function askedMs(recording: Recording, name: string): number {
  return recording.events.find((event) => isOpenCall(event, name))?.ms ?? Number.POSITIVE_INFINITY
}

/** What happened from the lab's call under this name up to its next call. */
function eventsOf(recording: Recording, name: string): RecordedEvent[] {
  const { events } = recording
  const from = events.findIndex((event) => isOpenCall(event, name))
  if (from === -1) return []
  const next = events.findIndex((event, index) => index > from && isOpenCall(event))
  return events.slice(from, next === -1 ? undefined : next)
}

function startOk(recording: Recording, { connection }: Connection): FrameEvent | undefined {
  return frames(recording, 'connection.start-ok').find((frame) => frame.connection === connection)
}

/** The frame that carries the virtual host as the URL spells it, or the one with which the broker refuses what was taken from it. */
function urlTaken(recording: Recording): RecordedEvent | undefined {
  return (
    frames(recording, 'connection.open').find(({ fields }) => /%[0-9a-f]{2}/i.test(String(fields.virtualHost))) ??
    frames(recording, 'connection.close').find(({ from }) => from === 'broker')
  )
}

/** What the client said of itself, but for what amqplib always says. */
function propertiesOf(recording: Recording, connection: Connection): Record<string, unknown> {
  const all = (startOk(recording, connection)?.fields.clientProperties ?? {}) as Record<string, unknown>
  const { version: _, platform: __, information: ___, capabilities: ____, ...own } = all
  return own
}

/** The frame that tells the broker the client's properties, cut down to those that matter here. */
function propertiesShown(recording: Recording, connection: Connection): RecordedEvent | undefined {
  const frame = startOk(recording, connection)
  return frame && { ...frame, fields: { clientProperties: propertiesOf(recording, connection) } }
}

/** 'a Channel', 'an object', 'undefined'. */
function a(kind = 'undefined'): string {
  if (kind === 'undefined') return kind
  return `${/^[aeio]/i.test(kind) ? 'an' : 'a'} ${kind}`
}

export default check('01-first-connection', [
  step(
    'It connects under its name',
    expectation('opens a connection on which channels can be made', answers, (recording) => {
      const opened = outcome(recording, FIRST)
      if (opened && !opened.ok) {
        return {
          seen: `The broker was there, but openConnection() rejected: ${said(opened)}`,
          show: [...frames(recording, 'connection.open'), ...frames(recording, 'connection.close'), opened.event],
        }
      }
      const returned = opened?.value as { is: string; channels: boolean } | undefined
      if (opened && !returned?.channels) {
        return {
          seen: `openConnection() resolved with ${a(returned?.is)}, which has no createChannel().`,
          looksLike: 'no-connection',
          show: [opened.event],
          wrong: { event: opened.event, instead: 'it resolves with what connect() gave' },
        }
      }
      const used = settled(recording, 'use')
      if (used && !used.ok) {
        return {
          seen: `No channel could be made on what openConnection() had returned: ${said(used)}`,
          show: [...frames(recording, 'connection.close'), used.event],
        }
      }
      if (used && typeof (used.value as { queue?: unknown }).queue !== 'string') {
        return {
          seen: `openConnection() resolved with ${a(returned?.is)}. A queue was declared on a channel of it, and there was no promise to wait for.`,
          looksLike: 'callback-api',
          show: [opened?.event, used.event, ...frames(recording, 'queue.declare')],
          wrong: { event: opened?.event, instead: 'it resolves with a ChannelModel, whose channels give promises' },
        }
      }
      if (used && frames(recording, 'channel.open-ok').length > 0) return undefined
      return (
        reached(recording, 'used') ?? {
          seen: 'No channel was opened: nothing of it reached the broker.',
          show: [used?.event],
        }
      )
    }),

    expectation('is listed by the broker under the name that it was given', answers, (recording) => {
      const open = connections(recording).filter(isOpened)
      const missing = [FIRST, SECOND].find((name) => !open.some((connection) => connection.name === name))
      if (missing === undefined) return undefined
      const call = outcome(recording, missing)
      const mine = open.find((connection) => connection.acceptedMs >= askedMs(recording, missing))
      if (missing === SECOND && call?.ok && !mine) {
        return {
          seen: `openConnection() was called for '${FIRST}' and then for '${SECOND}', but the broker saw only one connection.`,
          looksLike: 'shares-connection',
          show: [...frames(recording, 'connection.open-ok'), call.event],
          wrong: { event: call.event, instead: 'a second connection, opened before the call resolves' },
        }
      }
      if (!mine)
        return reached(recording, 'listed') ?? { seen: `No connection named '${missing}' was opened at the broker.` }
      const properties = propertiesOf(recording, mine)
      const key = Object.keys(properties).find((each) => properties[each] === missing)
      const list = recording.events.find((event) => event.kind === 'broker' && event.what === 'connections')
      const sent = propertiesShown(recording, mine)
      const show = [sent, list]
      const wrong = { event: sent, instead: `clientProperties with connection_name '${missing}'` }
      if (key !== undefined) {
        return {
          seen: `The name '${missing}' came to the broker as the client property ${key}, and it lists the connection without a name.`,
          looksLike: 'name-elsewhere',
          show,
          wrong,
        }
      }
      return mine.name === undefined
        ? {
            seen: `openConnection() was given the name '${missing}', and the broker lists a connection without a name.`,
            looksLike: 'no-name',
            show,
            wrong,
          }
        : {
            seen: `openConnection() was given the name '${missing}', and the broker lists a connection named '${mine.name}'.`,
            looksLike: 'fixed-name',
            show,
            wrong,
          }
    }),

    expectation('takes the virtual host and the credentials from the URL', odd, (recording) => {
      const opened = outcome(recording, FIRST)
      if (opened && !opened.ok) {
        const vhost = frames(recording, 'connection.open')
        const response = frames(recording, 'connection.start-ok')
        const encoded = JSON.stringify(
          [...vhost, ...response].map(({ fields }) => [fields.virtualHost, fields.response]),
        )
        const taken = /%[0-9a-f]{2}/i.test(encoded) || (response.length === 0 && !/ECONN/.test(said(opened)))
        return {
          seen: `The names in the URL had spaces, slashes, and other characters that a URL must encode, and openConnection() rejected: ${said(opened)}`,
          looksLike: taken ? 'url-taken-apart' : undefined,
          show: [...vhost, ...frames(recording, 'connection.close'), opened.event],
          wrong: taken
            ? { event: urlTaken(recording) ?? opened.event, instead: 'what the URL stands for, decoded part by part' }
            : undefined,
        }
      }
      if (connections(recording).some(isOpened)) return undefined
      return reached(recording, 'opened') ?? { seen: 'No connection was opened at the broker.' }
    }),
  ),
  step(
    'A failed attempt is told to the caller',
    expectation('rejects with the error after one attempt when the broker refuses it', refused, (recording) =>
      rejects(recording, [
        {
          name: 'wrong-password',
          why: 'The password was wrong',
          says: /ACCESS.REFUSED|\b403\b/i,
          tries: headers,
        },
        {
          name: 'no-virtual-host',
          why: 'There was no such virtual host',
          says: /NOT.ALLOWED|\b530\b|ConnectionClose|v(irtual )?host/i,
          tries: headers,
        },
      ]),
    ),

    expectation('rejects with the error after one attempt when no broker answers', unreachable, (recording) =>
      rejects(recording, [
        {
          name: 'closed-port',
          why: 'The port was closed',
          says: /refused/i,
          tries: (events) => events.filter((event) => event.kind === 'told' && event.name === 'attempt'),
        },
        {
          name: 'broken-off',
          why: 'The connection was reset before it was open',
          says: /ECONN|reset|clos|abrupt|hang|handshake/i,
          tries: headers,
        },
      ]),
    ),
  ),
  step(
    'The connection comes to an end',
    expectation('lives on when the broker closes the connection', lost, (recording) => {
      const loss = frames(recording, 'connection.close').find(({ from }) => from === 'broker')
      return livesOn(recording, 'The broker closed the connection', loss, 'outlived the close')
    }),

    expectation('lives on when the connection breaks', lost, (recording) => {
      const loss = recording.events.find((event) => event.kind === 'tcp' && event.what === 'reset')
      return livesOn(recording, 'The connection was reset', loss, 'outlived the reset')
    }),

    expectation('is gone from the broker after close()', answers, (recording) => {
      const closing = recording.events.findIndex((event) => event.kind === 'mark' && event.name === 'closing')
      const since = closing === -1 ? [] : recording.events.slice(closing)
      const anew = since.find((event) => event.kind === 'tcp' && event.what === 'accepted')
      const closes = since.filter((event) => event.kind === 'frame' && event.method === 'connection.close')
      if (anew) {
        return {
          seen: 'The lab called close() on each connection, and then another one was opened.',
          looksLike: 'comes-back',
          show: [...closes, anew].sort((a, b) => a.ms - b.ms),
          wrong: { event: anew, instead: 'nothing: the caller wanted the connection closed' },
        }
      }
      const opened = outcome(recording, FIRST)
      if (opened && !opened.ok) {
        return {
          seen: `There was no connection to close, as openConnection() rejected: ${said(opened)}`,
          show: [opened.event],
        }
      }
      const returned = opened?.value as { is: string; channels: boolean } | undefined
      const close = settled(recording, 'close')
      if (close && closes.length === 0) {
        return {
          seen: close.ok
            ? `close() was called on the ${returned?.is} that openConnection() had returned, but no connection was closed.`
            : `close() failed on what openConnection() had returned: ${said(close)}`,
          looksLike: returned?.channels ? undefined : 'no-connection',
          show: [opened?.event, close.event],
          wrong: returned?.channels
            ? undefined
            : { event: opened?.event, instead: 'it resolves with what connect() gave' },
        }
      }
      // A process that ends itself once its connections are closed has closed them.
      const left = connections(recording).filter((connection) => isOpened(connection) && !connection.end)
      if (closes.length > 0 && left.length === 0) return undefined
      return (
        reached(recording, 'closed') ?? {
          seen: 'No connection was closed with connection.close.',
          show: [opened?.event],
        }
      )
    }),
  ),
])
