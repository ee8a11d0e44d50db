import { type CodeNode, classesOf, lowlight } from '../text/code.ts'

/** A piece of program text, and what kind of word it is, as highlight.js names it ('' where it is nothing special). */
export interface Token {
  text: string
  kind: string
}

/** Longer files are shown without the colours of their language: nobody waits for that. */
const LONGEST = 200_000

/** A TypeScript file as lines of tokens. */
export function highlightedLines(source: string): Token[][] {
  const lines: Token[][] = [[]]
  for (const { text, kind } of tokens(source.replace(/\r\n?/g, '\n'))) {
    text.split('\n').forEach((part, index) => {
      if (index > 0) lines.push([])
      if (part !== '') lines.at(-1)?.push({ text: part, kind })
    })
  }
  return lines
}

function tokens(source: string): Token[] {
  if (source.length > LONGEST) return [{ text: source, kind: '' }]
  return lowlight.highlight('typescript', source).children.flatMap((node) => flat(node))
}

/** A word is of the innermost kind. */
function flat(node: CodeNode, kind = ''): Token[] {
  if (node.type === 'text') return [{ text: node.value, kind }]
  return node.type === 'element' ? node.children.flatMap((child) => flat(child, classesOf(node))) : []
}
