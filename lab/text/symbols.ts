import { CONTROLS, pictureOf } from './visible.ts'

/** The characters that the lab draws with, and what stands for them where only ASCII shows. */

const UNICODE = {
  tick: '✔',
  cross: '✘',
  dash: '–',
  bullet: '•',
  pointer: '❯',
  ellipsis: '…',
  goesOn: '↪',
  full: '█',
  empty: '░',
  vertical: '│',
  horizontal: '─',
  double: '═',
  dashed: '╌',
  corner: { topLeft: '┌', topRight: '┐', bottomLeft: '└', bottomRight: '┘', left: '├', right: '┤', down: '┬' },
  arrow: { right: '▶', left: '◀', lost: '✘' },
}

export type Symbols = typeof UNICODE

const ASCII: Symbols = {
  tick: '+',
  cross: 'x',
  dash: '-',
  bullet: '*',
  pointer: '>',
  ellipsis: '...',
  goesOn: '\\',
  full: '#',
  empty: '.',
  vertical: '|',
  horizontal: '-',
  double: '=',
  dashed: '.',
  corner: { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', left: '+', right: '+', down: '+' },
  arrow: { right: '>', left: '<', lost: 'x' },
}

export function symbolsOf({ unicode }: { unicode: boolean }): Symbols {
  return unicode ? UNICODE : ASCII
}

const TYPOGRAPHY: Record<string, string> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '→': '->',
  '←': '<-',
  '×': 'x',
  '•': '*',
  '✓': '+',
  '✔': '+',
  '✗': 'x',
  '✘': 'x',
  '≤': '<=',
  '≥': '>=',
  '\u00a0': ' ',
  // Control characters as terminals echo them: ^[ for ␛.
  ...Object.fromEntries(CONTROLS.map((code) => [pictureOf(code), `^${String.fromCharCode(code ^ 0x40)}`])),
}

const TYPOGRAPHIC = new RegExp(`[${Object.keys(TYPOGRAPHY).join('')}]`, 'gu')

/** Prose as it can be shown: where only ASCII shows, typography becomes ASCII. Letters stay, they are somebody's words. */
export function spell(text: string, { unicode }: { unicode: boolean }): string {
  return unicode ? text : text.replace(TYPOGRAPHIC, (character) => TYPOGRAPHY[character] ?? character)
}
