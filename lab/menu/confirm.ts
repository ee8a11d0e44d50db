import type { LessonScreen } from './context.ts'

/** A pass on a stand-in is a pass; RabbitMQ's word is the last. */
export const confirm: LessonScreen = async (context, { lesson }) => {
  const { interrupts } = context
  context.print('Asking RabbitMQ, the judge of record ... (Ctrl-C leaves)')
  const report = await interrupts.leavingAfter(async (signal) => context.confirm?.(lesson, signal))
  if (interrupts.leaving.aborted) return { go: 'leave' }
  if (report) context.printReport(report)
  else context.print('RabbitMQ is not ready. The line at the bottom of the menu says what it is doing.')
  context.print('')
  return { go: 'lesson', lesson, ...(report?.verdict === 'failed' ? { at: 'check' } : {}) }
}
