const SAME_CTRL_C_MS = 1000

/** The signal is aborted by Ctrl-C. A second one, later, ends the lab at once. */
export function untilInterrupted(): { signal: AbortSignal } & Disposable {
  const interrupted = new AbortController()
  const end = () => {
    interrupted.abort()
    // npm passes on what the terminal has sent already: that is no second one.
    setTimeout(() => process.off('SIGINT', end), SAME_CTRL_C_MS).unref()
  }
  process.on('SIGINT', end)
  return { signal: interrupted.signal, [Symbol.dispose]: () => void process.off('SIGINT', end) }
}
