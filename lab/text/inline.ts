import type { Token } from 'markdown-it'
import pc from 'picocolors'
import { spell } from './symbols.ts'
import type { Theme } from './theme.ts'

/** The words of a paragraph, styled; links become 'text (address)'. Only hard breaks end a line. */
export function inline(tokens: Token[], theme: Theme): string {
  const { bold, cyan, italic, strikethrough, underline } = pc.createColors(theme.colour)
  const styles: Record<string, (text: string) => string> = {
    strong: bold,
    em: italic,
    s: strikethrough,
    link: (text) => text,
  }
  /** What is open, innermost last; each collects its own words. */
  const open: { name: string; address: string; words: string }[] = [{ name: '', address: '', words: '' }]
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
      const name = token.type.replace(/_open$/, '')
      open.push({ name, address: String(token.attrGet('href') ?? ''), words: '' })
    } else if (token.nesting === -1 && open.length > 1) {
      const { name, address, words } = open.pop() ?? { name: '', address: '', words: '' }
      say(name === 'link' ? link(words, address, underline) : (styles[name] ?? String)(words))
    }
  }
  return open.map(({ words }) => words).join('')
}

/** An address within the page leads nowhere in a terminal; one that is its own text is said once. */
function link(words: string, address: string, underline: (text: string) => string): string {
  if (address === '' || address.startsWith('#')) return words
  if (words === address || `mailto:${words}` === address) return underline(words)
  return `${words} (${underline(address)})`
}
