interface Told {
  text: string
  result: number
  verdict?: string
  withholds: boolean
}

/** Shows what becomes of each save: a line of text, and the page of what was recorded. */
const seen = document.querySelector<HTMLIFrameElement>('.seen')
const status = document.querySelector('#status')
const lesson = seen?.dataset.lesson
const cure = document.querySelector<HTMLElement>('#cure')
/** Which result the frame shows, and whether it says what that looks like. */
let shown = ''

if (seen && status && lesson) {
  const events = new EventSource(`/lessons/${lesson}/events`)
  events.addEventListener('message', ({ data }) => {
    const { text, result, verdict, withholds } = JSON.parse(data) as Told
    if (status.textContent !== text) status.textContent = text
    status.className = `verdict ${verdict ?? ''}`
    if (cure) cure.hidden = !withholds
    const wanted = `${result}${withholds ? '' : '&told'}`
    if (result > 0 && wanted !== shown) {
      seen.hidden = false
      seen.src = `/lessons/${lesson}/seen?result=${wanted}`
      if (verdict === 'passed') void bringBack(lesson)
    }
    shown = wanted
  })
  events.addEventListener('error', () => {
    // The browser tries again by itself: a server that is started again with the same token is found.
    status.textContent = "The lab isn't answering. Is npm run web still running?"
    shown = ''
  })
  cure?.querySelector('button')?.addEventListener('click', () => {
    void fetch(`/lessons/${lesson}/cure`, { method: 'POST' })
  })
  document.querySelector('#check')?.addEventListener('click', () => {
    void fetch(`/lessons/${lesson}/check`, { method: 'POST' })
  })
}

/** After a pass the question comes back, with its answer: as the lab writes it into the lesson's page. */
async function bringBack(name: string): Promise<void> {
  const question = document.querySelector<HTMLElement>('#quiz')
  if (question === null || question.dataset.passed === 'true') return
  const response = await fetch(`/lessons/${name}`)
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const answered = page.querySelector('#quiz')
  if (response.ok && answered) question.replaceWith(answered)
}
