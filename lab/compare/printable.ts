/**
 * Somebody's text in one line, safe to print: a submission could otherwise move the cursor or hide its own words. Tabs
 * become spaces; other control characters, and those that turn the direction of the text, show their number.
 */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}
