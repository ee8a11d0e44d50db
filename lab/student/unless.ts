/**
 * Waits for something that makes no sense any more once something else has happened.
 *
 * @param happens what ends the wait; its signal is aborted when the wait is over
 * @param wait gets a signal that ends it
 * @param error what to reject with when `happens` comes first
 */
export async function unless<T>(
  happens: (signal: AbortSignal) => Promise<unknown>,
  wait: (signal: AbortSignal) => Promise<T>,
  error: () => Error,
): Promise<T> {
  const ending = new AbortController()
  const over = happens(ending.signal).then(() => Promise.reject(error()))
  try {
    return await Promise.race([wait(ending.signal), over])
  } finally {
    over.catch(() => {})
    ending.abort(error())
  }
}
