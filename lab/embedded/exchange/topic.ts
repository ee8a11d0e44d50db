import type { Binding } from './binding.ts'
import type { Kind, Routed } from './kind.ts'

/** A place in the tree of all patterns: what was read of them is the way from the root. */
class Place {
  readonly children = new Map<string, Place>()
  readonly bindings = new Set<Binding>()
  /** It was reached by '#', and so stays for any further word. */
  readonly isHash: boolean

  constructor(isHash = false) {
    this.isHash = isHash
  }

  child(word: string): Place {
    const known = this.children.get(word)
    if (known !== undefined) return known
    const child = new Place(word === '#')
    this.children.set(word, child)
    return child
  }
}

const MOST_REMEMBERED = 1_000

/**
 * By words: '*' stands for one, '#' for any number of them, also none.
 *
 * A key walks through the tree at all places at once where it may be, so that patterns full of '#' take no more time
 * than there are places. What a key was found to fit is remembered until the bindings change.
 */
export class Topic implements Kind {
  readonly #root = new Place()
  readonly #remembered = new Map<string, Binding[]>()

  add(binding: Binding): void {
    this.#remembered.clear()
    let place = this.#root
    for (const word of wordsOf(binding.routingKey)) place = place.child(word)
    place.bindings.add(binding)
  }

  remove(binding: Binding): void {
    this.#remembered.clear()
    const way: [Place, string][] = []
    let place = this.#root
    for (const word of wordsOf(binding.routingKey)) {
      way.push([place, word])
      const next = place.children.get(word)
      if (next === undefined) return
      place = next
    }
    place.bindings.delete(binding)
    for (const [parent, word] of way.reverse()) {
      const child = parent.children.get(word)
      if (child === undefined || child.bindings.size > 0 || child.children.size > 0) return
      parent.children.delete(word)
    }
  }

  match({ routingKey }: Routed, found: (binding: Binding) => void): void {
    this.#matches(routingKey).forEach(found)
  }

  #matches(key: string): Binding[] {
    const known = this.#remembered.get(key)
    if (known !== undefined) return known
    let places = withHashes([this.#root])
    for (const word of wordsOf(key)) places = withHashes(step(places, word))
    const matches = [...places].flatMap(({ bindings }) => [...bindings])
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(key, matches)
    return matches
  }
}

function* step(places: Iterable<Place>, word: string): Generator<Place> {
  for (const place of places) {
    if (place.isHash) yield place
    // A word of a key that is itself '*' or '#' is a word, and must not take the ways that stand for others.
    const child = word === '*' || word === '#' ? undefined : place.children.get(word)
    if (child !== undefined) yield child
    const star = place.children.get('*')
    if (star !== undefined) yield star
  }
}

/** Also the places that a '#' reaches with no word at all. */
function withHashes(places: Iterable<Place>): Set<Place> {
  const all = new Set(places)
  // What is added while the loop runs is visited, too.
  for (const place of all) {
    const hash = place.children.get('#')
    if (hash !== undefined) all.add(hash)
  }
  return all
}

function wordsOf(key: string): string[] {
  return key === '' ? [] : key.split('.')
}
