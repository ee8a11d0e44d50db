/** What Node can send a signal with, the parts of process.kill() included. */
const SENDERS = ['kill', '_kill', '_debugProcess'] as const

type Sender = (pid: number, ...rest: unknown[]) => unknown

/**
 * Lets the process signal itself and those that it has started, and nobody else: not the lab that judges it, and not what
 * else its user runs. Node's permissions say nothing about signals.
 */
export function signalOnlyOwn(isChild: (pid: number) => boolean): void {
  const own = process as unknown as Record<string, Sender | undefined>
  const { pid: self } = process
  for (const name of SENDERS) {
    const original = own[name]
    if (typeof original !== 'function') continue
    const guarded: Sender = (pid, ...rest) => {
      const target = Number(pid)
      // A negative number is a group. That of this process has its number.
      const isOwn = target === self || isChild(target) || target === -self || (target < -1 && isChild(-target))
      if (!isOwn && Number.isInteger(target)) throw denied(target)
      return original.call(process, target, ...rest)
    }
    Object.defineProperty(process, name, { value: guarded, writable: false, configurable: false })
  }
}

function denied(pid: number): Error {
  const error = new Error(`kill EPERM: process ${pid} was not started by this one`)
  return Object.assign(error, { code: 'EPERM', syscall: 'kill' })
}
