import { common, createLowlight } from 'lowlight'
import pc from 'picocolors'
import type { Theme } from './theme.ts'

/** Program text as a tree of what its words are: the terminal colours it, a page makes elements of it. */
export const lowlight = createLowlight(common)

export type CodeNode = ReturnType<typeof lowlight.highlight>['children'][number]
type CodeElement = Extract<CodeNode, { type: 'element' }>
type Ink = (text: string) => string

/** Program text in the colours of its language; as it is where the language is unknown or there is no colour. */
export function highlight(code: string, language: string, theme: Theme): string {
  if (!theme.colour || !lowlight.registered(language)) return code
  const { blue, cyan, dim, green, magenta, yellow } = pc.createColors(true)
  const inks: Record<string, Ink> = {
    comment: dim,
    keyword: magenta,
    literal: cyan,
    number: cyan,
    string: green,
    built_in: cyan,
    title: blue,
    type: yellow,
    attr: blue,
    meta: dim,
    addition: green,
    deletion: yellow,
  }
  return inked(lowlight.highlight(language, code, { prefix: '' }).children, inks)
}

/** What a piece of the tree is, as classes: 'hljs-title function_'. The first is the kind, others say it closer. */
export function classesOf({ properties }: CodeElement): string {
  return [properties.className].flat().join(' ')
}

function inked(nodes: CodeNode[], inks: Record<string, Ink>): string {
  const parts = nodes.map((node) => {
    if (node.type === 'text') return node.value
    if (node.type !== 'element') return ''
    const [kind = ''] = classesOf(node).split(' ')
    // What is of this kind within it has the colour already: a string in a string's placeholder.
    const { [kind]: ink = String, ...others } = inks
    return ink(inked(node.children, others))
  })
  return parts.join('')
}
