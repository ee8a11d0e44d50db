import type { Token } from 'markdown-it'
import pc from 'picocolors'
import { footnoteOf } from './footnotes.ts'
import { spell } from './symbols.ts'
import type { Theme } from './theme.ts'

/** The words of a paragraph, styled; links become 'text [1]', with the address in a footnote. Only hard breaks end a line. */
export function inline(tokens: Token[], theme: Theme): string {
  const { bold, cyan, italic, strikethrough, underline } = pc.createColors(theme.colour)
  const styles: Record<string, (text: string) => string> = {
    strong: bold,
    em: italic,
    s: strikethrough,
  }
  /** What is open, innermost last; each collects its own words. */
  const open: { token?: Token; words: string }[] = [{ words: '' }]
  const say = (text: string) => {
    const innermost = open.at(-1)
    if (innermost) innermost.words += text
  }

  for (const token of tokens) {
    if (token.type === 'text') say(spell(token.content, theme))
    else if (token.type === 'code_inline') say(theme.colour ? cyan(token.content) : `\`${token.content}\``)
    else if (token.type === 'softbreak') say(' ')
    else if (token.type === 'hardbreak') say('\n')
    else if (token.type === 'image') say(`${token.content} (${token.attrGet('src') ?? ''})`)
    else if (token.nesting === 1) {
      open.push({ token, words: '' })
    } else if (token.nesting === -1 && open.length > 1) {
      const { token, words = '' } = open.pop() ?? {}
      const name = token?.type.replace(/_open$/, '') ?? ''
      say(name === 'link' ? link(words, token, underline) : (styles[name] ?? String)(words))
    }
  }
  return open.map(({ words }) => words).join('')
}

/** A link that has no footnote is its own address, or leads to another place on the page. */
function link(words: string, token: Token | undefined, underline: (text: string) => string): string {
  const footnote = footnoteOf(token)
  if (footnote) return `${words} [${footnote.number}]`
  return String(token?.attrGet('href')).startsWith('#') ? words : underline(words)
}
