import type { Token } from 'markdown-it'
import pc from 'picocolors'
import type { Theme } from './theme.ts'
import { indent } from './wrap.ts'

/** What a link needs below its section: an address is long, and would break up the sentence that it stands in. */
interface Footnote {
  number: number
  address: string
}

/** Gives each link of a text the number of its footnote; an address that comes again keeps its number. */
export function numberLinks(tokens: Token[]): void {
  const numbers = new Map<string, number>()
  for (const { children } of tokens) {
    for (const [i, token] of (children ?? []).entries()) {
      if (token.type !== 'link_open') continue
      const address = String(token.attrGet('href') ?? '')
      if (!needsFootnote(address, children?.[i + 1]?.content)) continue
      const number = numbers.get(address) ?? numbers.size + 1
      numbers.set(address, number)
      token.meta = { footnote: { number, address } satisfies Footnote }
    }
  }
}

/** An address within the page leads nowhere in a terminal; one that is its own text is there already. */
function needsFootnote(address: string, words: string | undefined): boolean {
  return address !== '' && !address.startsWith('#') && words !== address && `mailto:${words}` !== address
}

export function footnoteOf(token: Token | undefined): Footnote | undefined {
  return (token?.meta as { footnote?: Footnote } | null | undefined)?.footnote
}

/** The footnotes of a section, a line each; none where it has no links. */
export function footnotes(tokens: Token[], theme: Theme): string[] {
  const { dim, underline } = pc.createColors(theme.colour)
  const found = tokens.flatMap(({ children }) => (children ?? []).flatMap((token) => footnoteOf(token) ?? []))
  const byNumber = new Map(found.map((footnote) => [footnote.number, footnote.address]))
  return [...byNumber]
    .sort(([one], [other]) => one - other)
    .flatMap(([number, address]) => indent([underline(address)], `  ${dim(`[${number}]`)} `))
}
