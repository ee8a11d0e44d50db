/** Shows what becomes of each save: a line of text, and the page of what was recorded. */
const seen = document.querySelector<HTMLIFrameElement>('.seen')
const status = document.querySelector('#status')
const lesson = seen?.dataset.lesson
let shown = 0

if (seen && status && lesson) {
  const events = new EventSource(`/lessons/${lesson}/events`)
  events.addEventListener('message', ({ data }) => {
    const { text, result } = JSON.parse(data) as { text: string; result: number }
    if (status.textContent !== text) status.textContent = text
    if (result > 0 && result !== shown) seen.src = `/lessons/${lesson}/seen?result=${result}`
    shown = result
  })
  events.addEventListener('error', () => {
    // The browser tries again by itself: a server that is started again with the same token is found.
    status.textContent = 'The lab does not answer. Is npm run web still running?'
    shown = 0
  })
  document.querySelector('#again')?.addEventListener('click', () => {
    void fetch(`/lessons/${lesson}/check`, { method: 'POST' })
  })
}
