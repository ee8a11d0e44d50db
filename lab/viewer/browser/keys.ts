/** What the keys do. */
export interface Actions {
  next: () => void
  previous: () => void
  first: () => void
  last: () => void
  play: () => void
  search: () => void
}

const KEYS: Record<string, keyof Actions> = {
  n: 'next',
  ArrowRight: 'next',
  ArrowDown: 'next',
  p: 'previous',
  ArrowLeft: 'previous',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
  ' ': 'play',
  '/': 'search',
}

/** Keys that scroll or press something: they are the viewer's only where its sequence has the focus. */
const SHARED = new Set(['ArrowDown', 'ArrowUp', 'Home', 'End'])

/** Listens to keys on the whole page, but for those that a field needs itself. Of several viewers, each has its own. */
export function onKeys(place: HTMLElement, actions: Actions): void {
  const from = document.querySelectorAll('.viewer').length > 1 ? place : document
  from.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent)) return
    const { key, target } = event
    if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return
    const action = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
    if (action === undefined || target.matches('input, select, textarea')) return
    const isInSequence = place.contains(target) && target.closest('.moments') !== null
    if (SHARED.has(key) && !isInSequence) return
    // A button is pressed with the space bar; a row of the sequence is where one stands already.
    if (key === ' ' && target.matches('button, a, summary') && !isInSequence) return
    if (key === ' ' && target.getAttribute('aria-expanded') !== null) return
    event.preventDefault()
    actions[action]()
  })
}
