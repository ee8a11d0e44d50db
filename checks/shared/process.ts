import { MOMENTS_MS } from '../../lab/check/arrival.ts'
import {
  findings,
  markOf,
  output,
  processes,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  since,
} from '../../lab/check/evidence.ts'

/** What became of the process: it ended where it should not, or did not end as it should. */

/** The process ended; `sentence` says what had happened before. */
export function died(
  recording: Recording,
  sentence: string,
  options: { show: RecordedEvent | undefined; looksLike?: string | undefined; instead?: string },
): Shortfall | undefined {
  const { show, looksLike, instead = 'the process keeps running' } = options
  const [crash] = findings(recording)
  if (!crash) return undefined
  return {
    seen: `${sentence}. ${crash.sentence}`,
    looksLike,
    show: [show, crash],
    wrong: { event: crash, instead },
  }
}

/** What the end of a process looks like that came with the loss of a connection. */
export function endOnLoss(recording: Recording): 'exits-on-loss' | 'no-error-listener' | undefined {
  const [end] = findings(recording)
  // Node says so when it ends a process over an 'error' event that nobody listened for.
  const unheard = processes(recording, 'stderr').some(({ text }) => /^Emitted 'error' event/.test(text ?? ''))
  if (end?.id === 'exited' || (end?.id === 'crashed' && !unheard)) return 'exits-on-loss'
  return unheard ? 'no-error-listener' : undefined
}

/** A program that got a signal did not say goodbye and end with exit code 0. */
export function endedOtherwise(
  recording: Recording,
  looksLike: { running: string; deaf: string },
): Shortfall | undefined {
  const [asked] = processes(recording, 'signalled')
  const [end] = processes(recording, 'exited')
  if (!asked) return reached(recording, 'asked to stop')
  const { signal } = asked
  const after = output(since(recording, asked))
  const goodbye = after.find(({ text }) => text?.includes('Exiting consumer'))
  const stayed = markOf(recording, 'did not stop')
  if (stayed) {
    const seen = `${MOMENTS_MS / 1000} s after ${signal}, your process was still running.`
    const instead = 'the process ends with exit code 0'
    return { seen, looksLike: looksLike.running, show: [asked, goodbye, stayed], instead }
  }
  if (!end) return reached(recording, 'ended')
  if (end.signal === signal) {
    const seen = `${signal} ended your process before it printed 'Exiting consumer'.`
    return { seen, looksLike: looksLike.deaf, show: [asked, end], instead: "'Exiting consumer', and exit code 0" }
  }
  if (end.code !== 0) {
    const stack = after.filter(({ what, text }) => what === 'stderr' && /^\s+at |Error/.test(text ?? ''))
    return {
      seen: `On ${signal}, your process ended with ${end.signal ? `signal ${end.signal}` : `exit code ${end.code}`}.`,
      looksLike: stack.length > 0 ? undefined : 'wrong-exit-code',
      show: [asked, ...stack.slice(0, 3), end],
      instead: 'exit code 0',
    }
  }
  if (goodbye) return undefined
  const seen = `On ${signal}, your process ended with exit code 0, but it didn't print 'Exiting consumer'.`
  const show = [asked, ...after.slice(0, 3), end]
  return { seen, looksLike: 'no-goodbye', show, instead: "'Exiting consumer' before the process ends" }
}
