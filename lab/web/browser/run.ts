/** Shows what a run's service does, and sends it what is typed and pressed. */
interface Told {
  lines: { nth: number; of: string; from: string; text: string }[]
  standing: string
  workers: { name: string; words: string; task: string }[]
  nodes: { name: string; words: string; can?: 'stop' | 'start' }[]
  isOver: boolean
}

const MOST_LINES = 500
const standing = document.querySelector<HTMLElement>('#standing')
const happened = document.querySelector<HTMLElement>('.happened')
const sending = document.querySelector<HTMLFormElement>('#sending')

if (standing) {
  const path = `/lessons/${standing.dataset.lesson}/run`
  const post = (what: string, body?: FormData) => fetch(`${path}/${what}`, { method: 'POST', ...(body && { body }) })
  const events = new EventSource(`${path}/events`)
  events.addEventListener('message', ({ data }) => {
    const told = JSON.parse(data) as Told
    if (happened) addLines(happened, told.lines)
    write('#standing', told.standing)
    const said = told.lines.findLast(({ of }) => of === 'lab')
    if (said) write('#said', said.text)
    showWorkers(told.workers)
    showNodes(told.nodes, (what) => void post(what))
    if (told.isOver) {
      events.close()
      location.reload()
    }
  })
  events.addEventListener('error', () => write('#standing', 'The lab does not answer. Is npm run web still running?'))
  sending?.addEventListener('submit', (event) => {
    event.preventDefault()
    void post('task', new FormData(sending))
    sending.querySelector('input')?.select()
  })
  for (const button of document.querySelectorAll<HTMLElement>('[data-action]'))
    button.addEventListener('click', () => void post(`do/${button.dataset.action}`))
}

function addLines(list: HTMLElement, lines: Told['lines']): void {
  // Whoever reads further up stays there.
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  for (const { of, from, text } of lines) {
    const item = document.createElement('li')
    item.className = of
    item.append(withText('span', from), withText('code', text))
    list.append(item)
  }
  while (list.childElementCount > MOST_LINES) list.firstElementChild?.remove()
  if (follows) list.scrollTop = list.scrollHeight
}

function showWorkers(workers: Told['workers']): void {
  const list = document.querySelector<HTMLElement>('.workers')
  if (!list) return
  list.hidden = workers.length === 0
  const cards = workers.map(({ name, words, task }) => {
    const card = document.createElement('li')
    card.append(withText('strong', name), withText('span', words), withText('code', task))
    return card
  })
  list.replaceChildren(...cards)
}

/** The cards stay, so that a button keeps the focus. */
function showNodes(nodes: Told['nodes'], post: (what: string) => void): void {
  const list = document.querySelector<HTMLElement>('.nodes')
  if (!list) return
  list.hidden = nodes.length === 0
  for (const [i, { name, words, can }] of nodes.entries()) {
    const card = list.children[i] ?? list.appendChild(nodeCard(name, post))
    const button = card.querySelector('button')
    const text = card.querySelector('span')
    if (text) text.textContent = words
    if (!button) continue
    button.disabled = can === undefined
    if (can === undefined) continue
    button.dataset.can = can
    button.textContent = can === 'stop' ? `Stop ${name}` : `Start ${name}`
  }
}

function nodeCard(name: string, post: (what: string) => void): HTMLElement {
  const card = document.createElement('li')
  const button = document.createElement('button')
  button.type = 'button'
  button.addEventListener('click', () => post(`node/${name}/${button.dataset.can}`))
  card.append(withText('strong', name), document.createElement('span'), button)
  return card
}

function withText(name: string, text: string): HTMLElement {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

function write(selector: string, text: string): void {
  const element = document.querySelector(selector)
  if (element && element.textContent !== text) element.textContent = text
}
