import MarkdownIt from 'markdown-it'
import { highlightedLines } from '../compare/highlighted.ts'
import { element, escaped } from '../text/html.ts'
import { isSequence, parseSequence } from '../text/mermaid.ts'
import { sequenceSvg } from './sequence-svg.ts'

const parser = new MarkdownIt({ html: false, highlight: (code, language) => highlighted(code, language) }).disable(
  'image',
)
const { fence } = parser.renderer.rules
parser.renderer.rules.fence = (tokens, at, options, env, self) => {
  const { content = '', info = '' } = tokens[at] ?? {}
  if (info.trim() === 'mermaid' && isSequence(content)) return sequenceSvg(parseSequence(content))
  return fence?.(tokens, at, options, env, self) ?? ''
}

/**
 * A lesson's or a hint's Markdown as HTML. HTML in it stays text, and a link to a lesson leads to its page.
 *
 * @param pageOf where the page of a lesson is, by its name
 */
export function textHtml(source: string, pageOf = (name: string) => `/lessons/${name}`): string {
  return (
    parser
      .render(source)
      .replace(/href="(?:\.\.\/)+(?:lessons\/)?(\d\d-[a-z0-9-]+)\/lesson\.md/g, (_, name) => `href="${pageOf(name)}`)
      // What is too wide scrolls, with the keyboard as well.
      .replaceAll('<pre', '<pre tabindex="0"')
      .replaceAll('<a href="http', '<a rel="noreferrer" target="_blank" href="http')
  )
}

/** A sentence of Markdown, such as a choice of a quiz, as HTML. */
export function inlineHtml(source: string): string {
  return parser.renderInline(source)
}

function highlighted(code: string, language: string): string {
  if (!/^(ts|typescript|js|javascript)$/.test(language)) return ''
  const token = ({ text, kind }: { text: string; kind: string }) =>
    kind === '' ? escaped(text) : element('span', escaped(text), kind)
  return highlightedLines(code)
    .map((line) => line.map(token).join(''))
    .join('\n')
}
