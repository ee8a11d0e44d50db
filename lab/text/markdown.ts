import MarkdownIt, { type Token } from 'markdown-it'
import pc from 'picocolors'
import { highlight } from './code.ts'
import { drawSequence } from './draw-sequence.ts'
import { footnotes, numberLinks } from './footnotes.ts'
import { inline } from './inline.ts'
import { DiagramError, isSequence, parseSequence } from './mermaid.ts'
import { symbolsOf } from './symbols.ts'
import { table } from './table.ts'
import type { Theme } from './theme.ts'
import { indent, widthOf, wrap } from './wrap.ts'

const parser = new MarkdownIt({ html: true, linkify: true })
// Only what is written as an address is one: 'lesson.md' is a file.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

/** markdown-it's list of opening and closing tokens as a tree. */
interface Block {
  token: Token
  blocks: Block[]
}

/**
 * Markdown as text for a terminal: wrapped to the look's width, program text and long addresses excepted, which
 * stay whole so that they can be copied. Sequence diagrams are drawn. The addresses of links stand below their section.
 */
export function renderMarkdown(source: string, theme: Theme): string {
  const tokens = parser.parse(source, {})
  numberLinks(tokens)
  const parts = sections(tokens).flatMap((section) => [render(nest(section), theme), footnotes(section, theme)])
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${texts.join('\n\n')}\n`
}

/** Each from a heading of the first or second level to the next one. */
function sections(tokens: Token[]): Token[][] {
  const found: Token[][] = [[]]
  for (const token of tokens) {
    if (token.type === 'heading_open' && token.level === 0 && /^h[12]$/.test(token.tag)) found.push([])
    found.at(-1)?.push(token)
  }
  return found
}

function nest(tokens: Token[]): Block[] {
  const stack: Block[][] = [[]]
  for (const token of tokens) {
    if (token.nesting === -1) {
      stack.pop()
      continue
    }
    const block: Block = { token, blocks: [] }
    stack.at(-1)?.push(block)
    if (token.nesting === 1) stack.push(block.blocks)
  }
  return stack[0] ?? []
}

/** Blocks with an empty line between them; the lines of a tight list stand together. */
function render(blocks: Block[], theme: Theme): string[] {
  const lines: string[] = []
  blocks.forEach((block, index) => {
    const own = renderBlock(block, theme)
    if (own.length === 0) return
    const isTight = block.token.hidden || blocks[index - 1]?.token.hidden === true
    if (lines.length > 0 && !isTight) lines.push('')
    lines.push(...own)
  })
  return lines
}

function renderBlock(block: Block, theme: Theme): string[] {
  const { token, blocks } = block
  switch (token.type) {
    case 'heading_open':
      return heading(Number(token.tag.slice(1)), words(blocks, theme), theme)
    case 'paragraph_open':
      return wrap(words(blocks, theme), theme.width)
    case 'bullet_list_open':
    case 'ordered_list_open':
      return list(block, theme)
    case 'blockquote_open':
      return quote(blocks, theme)
    case 'fence':
    case 'code_block':
      return fence(token, theme)
    case 'table_open':
      return table(cells(block, theme), theme, { head: true })
    case 'hr':
      return [symbolsOf(theme).horizontal.repeat(theme.width)]
    default:
      // What is left is HTML: comments, which are the author's own.
      return []
  }
}

function words(blocks: Block[], theme: Theme): string {
  return blocks.map(({ token }) => inline(token.children ?? [], theme)).join('')
}

function heading(level: number, text: string, theme: Theme): string[] {
  const { bold } = pc.createColors(theme.colour)
  const { double, horizontal } = symbolsOf(theme)
  const lines = wrap(text, theme.width)
  const width = Math.max(...lines.map(widthOf))
  const styled = lines.map((line) => bold(line))
  return level > 2 ? styled : [...styled, (level === 1 ? double : horizontal).repeat(width)]
}

function list({ token, blocks }: Block, theme: Theme): string[] {
  const start = Number(token.attrGet('start') ?? 1)
  const isTight = blocks.every((item) =>
    item.blocks.every(({ token }) => token.type !== 'paragraph_open' || token.hidden),
  )
  return blocks.flatMap((item, index) => {
    const mark = token.type === 'ordered_list_open' ? `${start + index}.` : symbolsOf(theme).bullet
    const first = `  ${mark} `
    const lines = render(item.blocks, narrower(theme, widthOf(first)))
    return [...(isTight || index === 0 ? [] : ['']), ...indent(lines.length > 0 ? lines : [''], first)]
  })
}

function quote(blocks: Block[], theme: Theme): string[] {
  const { dim } = pc.createColors(theme.colour)
  const bar = `${dim(symbolsOf(theme).vertical)} `
  return indent(render(blocks, narrower(theme, 2)), bar, bar)
}

function fence(token: Token, theme: Theme): string[] {
  const language = token.info.trim().split(/\s/)[0] ?? ''
  const code = token.content.trimEnd()
  if (language === 'mermaid' && isSequence(code)) {
    try {
      return indent(drawSequence(parseSequence(code), narrower(theme, 2)), '  ')
    } catch (error) {
      // A reader is better served by the diagram's text than by no lesson; tests of the lessons are stricter.
      if (!(error instanceof DiagramError)) throw error
    }
  }
  return indent(highlight(code, language, theme).split('\n'), '    ')
}

/** The rows of a table's head and body. */
function cells(block: Block, theme: Theme): string[][] {
  const rows = block.blocks.flatMap((section) => section.blocks)
  return rows.map((row) => row.blocks.map((cell) => words(cell.blocks, theme)))
}

function narrower(theme: Theme, columns: number): Theme {
  return { ...theme, width: Math.max(theme.width - columns, 20) }
}
