import { visibleLines } from './visible.ts'

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Somebody's text in a page: nothing of it is markup. */
export function escaped(text: string): string {
  return withEntities(visibleLines(text))
}

/** The same of text that is visible already. */
export function withEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** An element; `content` is HTML. */
export function element(name: string, content: string, className = ''): string {
  return `<${name}${className === '' ? '' : ` class="${className}"`}>${content}</${name}>`
}
