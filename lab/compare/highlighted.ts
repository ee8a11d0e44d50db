import hljs from 'highlight.js/lib/core'
import typescript from 'highlight.js/lib/languages/typescript'

hljs.registerLanguage('typescript', typescript)

/** A piece of program text, and what kind of word highlight.js takes it for ('' where it is nothing special). */
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

/** highlight.js answers in HTML: spans within spans, and five entities. */
function tokens(source: string): Token[] {
  if (source.length > LONGEST) return [{ text: source, kind: '' }]
  const html = hljs.highlight(source, { language: 'typescript', ignoreIllegals: true }).value
  const open: string[] = []
  const found: Token[] = []
  for (const [piece, kind, end] of html.matchAll(/<span class="([^"]*)">|(<\/span>)|[^<]+/g)) {
    if (kind !== undefined) open.push(kind)
    else if (end !== undefined) open.pop()
    else found.push({ text: unescaped(piece), kind: open.at(-1) ?? '' })
  }
  return found
}

const CHARACTERS: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'", '&amp;': '&' }

function unescaped(html: string): string {
  return html.replace(/&(?:lt|gt|quot|#x27|amp);/g, (entity) => CHARACTERS[entity] ?? entity)
}
