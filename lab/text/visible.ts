/**
 * What moves the cursor, can't be seen, or turns other text around: controls, halves of characters, format characters. Emoji
 * are made with some of these, and stay whole.
 */
const HIDDEN = /\p{RGI_Emoji}|([\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}\p{Bidi_C}\p{DI}\p{NChar}])/gv
/** A few lines of a screen: nobody reads more of what has no line end. What is longer is cut, with room for saying so. */
const LONGEST = 700
const BEGIN = 600
const DELETE = 0x7f
/** The control characters of ASCII. */
export const CONTROLS = [...Array.from({ length: 0x20 }, (_, code) => code), DELETE]

/**
 * Somebody's text in one line, with nothing in it but what can be seen: '␛[2J' clears no screen. All text of the student's
 * and the broker's goes through here before people get to see it.
 */
export function visible(text: string): string {
  return text.replaceAll('\t', '  ').replace(HIDDEN, (found, hidden?: string) => {
    if (hidden === undefined) return found
    const code = hidden.codePointAt(0) ?? 0
    return CONTROLS.includes(code) ? pictureOf(code) : `\\u{${code.toString(16)}}`
  })
}

/** Unicode has a picture of each control character of ASCII. */
export function pictureOf(control: number): string {
  return String.fromCodePoint(0x2400 + (control === DELETE ? 0x21 : control))
}

/** As visible(), and only the beginning of what is very long. */
export function visibleBegin(text: string): string {
  const begin = visible(text.slice(0, LONGEST + 1))
  if (begin.length <= LONGEST) return begin
  // The last of them may be half a character.
  return `${begin.slice(0, BEGIN).replace(/\p{Cs}$/u, '')}… (of ${text.length} characters)`
}

/** As visible(), where lines are expected: they stay. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visible).join('\n')
}
