import type { ErrorSeen } from '../../recording/error-seen.ts'
import { detail, type Finding } from './finding.ts'
import { type Own, ownPlace } from './own-file.ts'

/** What an exercise may not do, by Node's flag that would allow it, and what to do instead. */
const DENIED: { flag: string; does: string; instead: string; insteadOfFork?: string }[] = [
  {
    flag: '--allow-fs-read',
    does: 'read',
    instead: "It may read its own tree and the lab's packages. The lesson's variables are in process.env.",
  },
  { flag: '--allow-fs-write', does: 'write', instead: 'Keep it in memory, or print it with console.log().' },
  {
    flag: '--allow-worker',
    does: 'start a worker thread',
    instead: 'An exercise is one process with one thread.',
    insteadOfFork: "Here a worker is a separate process: start it with fork() from 'node:child_process'.",
  },
  {
    flag: '--allow-child-process',
    does: 'start a process',
    instead: 'Only the lesson about processes lets an exercise start one.',
  },
  { flag: '--allow-addons', does: 'load native code', instead: "Use amqplib and Node's own modules." },
]

/** Explains what Node's permissions have kept the process from. */
export function denied(error: ErrorSeen, own: Own): Finding | undefined {
  if (error.code !== 'ERR_ACCESS_DENIED' && error.code !== 'ERR_DLOPEN_DISABLED') return undefined
  const place = ownPlace(error.stack, own)
  const where = place === undefined ? 'Your code' : place.file.place(place.line)
  const known = DENIED.find(({ flag }) => error.message.includes(flag))
  const { does, instead, insteadOfFork } = known ?? { does: 'use a protected part of Node', instead: '' }
  const resource = /^(read|write)$/.test(does) ? ` ${error.resource || 'a file'}` : ''
  return {
    id: 'access-denied',
    sentence: `${where} tries to ${does}${resource}, which an exercise may not do.`,
    detail: detail(place?.file.shown(place.line), (own.mayFork && insteadOfFork) || instead),
    ...place?.file.at(place.line),
  }
}
