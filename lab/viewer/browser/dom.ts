/** What an element has: attributes, and what listens to its events. Texts are text: nothing here reads markup. */
interface Given {
  [name: string]: string | number | boolean | undefined | ((event: Event) => void)
}

type Child = Node | string | undefined

/** An element of HTML. An attribute that is false or undefined is left out; a function listens to 'onclick', 'oninput', … */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  give(element, given)
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** An element of SVG. */
export function s<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  give(element, given)
  element.append(...children.filter((child) => child !== undefined))
  return element
}

function give(element: Element, given: Given): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** A list to choose from, with its label. */
export function choice(label: string, options: [value: string, text: string][], chosen: (value: string) => void) {
  const id = uniqueId('choice')
  const select = h('select', { id, onchange: () => chosen(select.value) })
  for (const [value, text] of options) select.append(h('option', { value }, text))
  return { select, field: h('span', { class: 'field' }, h('label', { for: id }, label), select) }
}

let count = 0

/** An ID that no other element of the page has. */
export function uniqueId(name: string): string {
  count++
  return `viewer-${name}-${count}`
}
