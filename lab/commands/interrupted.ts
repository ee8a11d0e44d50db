const SAME_CTRL_C_MS = 1000

/** The signal is aborted by Ctrl-C, or by another signal that is named. A second one, later, ends the lab at once. */
export function untilInterrupted(by: NodeJS.Signals[] = ['SIGINT']): { signal: AbortSignal } & Disposable {
  const interrupted = new AbortController()
  const end = () => {
    interrupted.abort()
    // npm passes on what the terminal has sent already: that is no second one.
    setTimeout(off, SAME_CTRL_C_MS).unref()
  }
  const off = () => {
    for (const name of by) process.off(name, end)
  }
  for (const name of by) process.on(name, end)
  return { signal: interrupted.signal, [Symbol.dispose]: off }
}
