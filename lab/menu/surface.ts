/** What a screen shows. Who draws it decides what fits. */
export interface View {
  /** Another text than before has another: it is then shown from its beginning. */
  id: string
  body: string[]
  /** Always in sight, below the body. */
  foot: string[]
  /** The line of the body that must be in sight. The arrows then go to the screen; else they scroll. */
  at?: number | undefined
  /** Where only lines can be printed: the foot is printed again when this is another. */
  news?: string
  /** A text to be read from its beginning, page by page. */
  paged?: true
  /** What is typed is a text, not keys. */
  typing?: boolean
}

/**
 * A key by its name: 'h', '?', 'enter', 'escape', 'up', 'down', 'backspace'. Ctrl-C and Ctrl-Z never come as keys: the
 * surface deals with them.
 */
export type Key = string

/** Where screens are shown and keys are pressed: a whole terminal, or one line after the other. */
export interface Surface extends Disposable {
  /** Shows a screen, and asks `render` anew with each `redraw` or when the window changes. */
  show(render: () => View): void
  redraw(): void
  /** The next key. Rejects when the signal is aborted. */
  key(signal: AbortSignal): Promise<Key>
  /** Gives the terminal, as it was found, to somebody else while `work` goes on. */
  handOver<T>(work: () => Promise<T>): Promise<T>
}

/** What a surface tells the menu of. */
export interface SurfaceEvents {
  /** Ctrl-C as a key. */
  interrupt(): void
}

/** Keys that were pressed, and who waits for the next. */
export class Keys {
  readonly #pressed: Key[] = []
  #waiting: ((key: Key) => void) | undefined

  press(key: Key): void {
    const waiting = this.#waiting
    // Of keys that come in one piece each is somebody's.
    this.#waiting = undefined
    if (waiting) waiting(key)
    else this.#pressed.push(key)
  }

  async next(signal: AbortSignal): Promise<Key> {
    signal.throwIfAborted()
    const pressed = this.#pressed.shift()
    if (pressed !== undefined) return pressed
    const { promise, resolve, reject } = Promise.withResolvers<Key>()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting = resolve
    try {
      return await promise
    } finally {
      this.#waiting = undefined
      signal.removeEventListener('abort', abort)
    }
  }

  /** What was typed for somebody else does not count. */
  clear(): void {
    this.#pressed.length = 0
  }
}
