/** Shows what a run's service does, and sends it what is typed and pressed. */
interface Told {
  lines: { nth: number; of: string; from: string; text: string }[]
  standing: string
  workers: Card[]
  nodes: Card[]
  isOpening: boolean
  isOver: boolean
}

interface Card {
  name: string
  words: string
  task: string
  can?: { words: string; what: string }
}

const MOST_LINES = 500
const MOST_SAID = 3
const standing = document.querySelector<HTMLElement>('#standing')
const happened = document.querySelector<HTMLElement>('.happened')
const sending = document.querySelector<HTMLFormElement>('#sending')

if (standing) {
  const path = `/lessons/${standing.dataset.lesson}/run`
  /** What the lab has said since something was asked for. */
  let said: string[] = []
  const post = (what: string, body?: FormData) => {
    said = []
    return fetch(`${path}/${what}`, { method: 'POST', ...(body && { body }) })
  }
  const events = new EventSource(`${path}/events`)
  events.addEventListener('message', ({ data }) => {
    const told = JSON.parse(data) as Told
    if (happened) addLines(happened, told.lines)
    write('#standing', told.standing)
    const news = told.lines.filter(({ of }) => of === 'lab').map(({ text }) => text)
    if (news.length > 0) write('#said', [...said, ...news].slice(-MOST_SAID).join(' '))
    said.push(...news)
    showCards('.workers', told.workers, (what) => void post(what))
    showCards('.nodes', told.nodes, (what) => void post(what))
    // The page of a run that is being opened gives way to that of the run.
    if (told.isOver || (happened === null && !told.isOpening)) {
      events.close()
      location.reload()
    }
  })
  events.addEventListener('error', () => {
    // The lab answers that there is nothing to hear: neither a run, nor one that is being opened.
    if (events.readyState === EventSource.CLOSED) location.reload()
    else write('#standing', "The lab isn't answering. Is npm run web still running?")
  })
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

/** A card for each; those that are known stay, so that a button keeps the focus. */
function showCards(selector: string, cards: Card[], post: (what: string) => void): void {
  const list = document.querySelector<HTMLElement>(selector)
  if (!list) return
  list.hidden = cards.length === 0
  const known = new Map([...list.children].map((item) => [item.firstElementChild?.textContent, item]))
  for (const [name, item] of known) if (cards.every((card) => card.name !== name)) item.remove()
  for (const card of cards) {
    const item = known.get(card.name) ?? list.appendChild(newCard(card.name, post))
    const [, words, task, button] = item.children
    if (words) words.textContent = card.words
    if (task) task.textContent = card.task
    if (!(button instanceof HTMLButtonElement)) continue
    button.disabled = card.can === undefined
    if (card.can === undefined) continue
    button.hidden = false
    button.dataset.what = card.can.what
    button.textContent = card.can.words
  }
}

function newCard(name: string, post: (what: string) => void): HTMLElement {
  const card = document.createElement('li')
  card.append(withText('strong', name), withText('span', ''), withText('code', ''))
  const button = document.createElement('button')
  button.type = 'button'
  button.hidden = true
  button.addEventListener('click', () => post(button.dataset.what ?? ''))
  card.append(button)
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
