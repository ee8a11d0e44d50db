/** A line that is being typed. */
export interface Draft {
  characters: string[]
  /** Where the cursor stands: before the character of this index. */
  at: number
}

/** A key as node:readline tells it. */
export interface Key {
  name?: string | undefined
  ctrl?: boolean | undefined
  meta?: boolean | undefined
  sequence?: string | undefined
}

export const EMPTY: Draft = { characters: [], at: 0 }

export function draftOf(text: string): Draft {
  const characters = [...text]
  return { characters, at: characters.length }
}

export function textOf({ characters }: Draft): string {
  return characters.join('')
}

/** What a key makes of the line; keys that edit nothing leave it as it is. */
export function edit(draft: Draft, text: string | undefined, key: Key): Draft {
  const { characters, at } = draft
  const cut = (from: number, to: number): Draft => ({
    characters: [...characters.slice(0, from), ...characters.slice(to)],
    at: from,
  })
  if (key.ctrl) {
    if (key.name === 'u') return cut(0, at)
    if (key.name === 'w') return cut(wordBefore(draft), at)
    if (key.name === 'a') return { characters, at: 0 }
    if (key.name === 'e') return { characters, at: characters.length }
    return key.name === 'h' ? cut(Math.max(0, at - 1), at) : draft
  }
  switch (key.name) {
    case 'backspace':
      return cut(Math.max(0, at - 1), at)
    case 'delete':
      return cut(at, at + 1)
    case 'left':
      return { characters, at: Math.max(0, at - 1) }
    case 'right':
      return { characters, at: Math.min(characters.length, at + 1) }
    case 'home':
      return { characters, at: 0 }
    case 'end':
      return { characters, at: characters.length }
  }
  if (text === undefined || key.meta || /\p{Cc}/u.test(text)) return draft
  const typed = [...text]
  return { characters: [...characters.slice(0, at), ...typed, ...characters.slice(at)], at: at + typed.length }
}

function wordBefore({ characters, at }: Draft): number {
  let from = at
  while (from > 0 && characters[from - 1] === ' ') from--
  while (from > 0 && characters[from - 1] !== ' ') from--
  return from
}
