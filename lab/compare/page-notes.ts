import MarkdownIt from 'markdown-it'
import { element, escaped } from '../text/html.ts'
import { highlightedLines } from './highlighted.ts'

/** HTML in the notes stays text, and a picture would be something from elsewhere. */
const parser = new MarkdownIt({
  html: false,
  highlight: (code, language) => (/^(ts|typescript|js|javascript)$/.test(language) ? coloured(code) : ''),
}).disable('image')

/** Markdown as HTML, its headings below those of the page. */
export function notesHtml(source: string): string {
  return parser.render(source).replace(/<(\/?)h([1-4])>/g, (_, end, level) => `<${end}h${Number(level) + 2}>`)
}

function coloured(code: string): string {
  return highlightedLines(code)
    .map((line) =>
      line.map(({ text, kind }) => (kind === '' ? escaped(text) : element('span', escaped(text), kind))).join(''),
    )
    .join('\n')
}
