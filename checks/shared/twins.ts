import { awaited, closing, marked, type Recording, type Shortfall, tasks, times } from '../../lab/check/evidence.ts'

/**
 * Tasks had the same text, and one was done for both; or the handlers of both had resolved, and only one was acknowledged.
 *
 * @param mark where every ack had had its time
 */
export function leftItsTwin(recording: Recording, mark: string): Shortfall | undefined {
  const all = tasks(recording)
  if (!marked(recording, mark) || all.isWithoutAcks || closing(recording)) return undefined
  for (const [text, twins] of Map.groupBy(all.deliveries, ({ body }) => body)) {
    const { acks, successes } = all.named(text)
    const settled = new Set(acks.flatMap(({ own, also }) => [own, ...also]).filter((each) => each?.body === text))
    const left = twins.find((each) => !settled.has(each))
    const { attempts } = all.named(text)
    if (twins.length > 1 && settled.size > attempts.length && !twins.some(({ redelivered }) => redelivered)) {
      return {
        seen: `${times(twins.length, 'task')} had the same text, '${text}'. Your service acknowledged each of them, but called the handler only ${attempts.length === 1 ? 'once' : times(attempts.length, 'time')}.`,
        looksLike: 'known-by-its-text',
        show: [
          ...twins.map(({ frame }) => frame),
          attempts[0]?.event,
          ...acks.map(({ settlement }) => settlement.frame),
        ],
        wrong: {
          event: acks.at(-1)?.settlement.frame,
          instead: 'a call to the handler for this task too, before its ack',
        },
      }
    }
    if (settled.size === 0 || successes.length <= settled.size || !left) continue
    const done = successes.map((each) => all.success(each))
    return {
      seen: `Two tasks had the same text, '${text}'. Both handlers resolved, but your service acknowledged only one of the tasks.`,
      looksLike: 'known-by-its-text',
      show: [...twins.map(({ frame }) => frame), ...done, acks[0]?.settlement.frame, awaited(recording)],
      wrong: { event: awaited(recording), instead: `an ack with delivery tag ${left.deliveryTag}` },
    }
  }
  return undefined
}
