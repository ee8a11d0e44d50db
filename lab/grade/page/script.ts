/**
 * What the overview does by itself: it sorts and filters the table of students, opens what a link leads to, and opens
 * everything for print. Text of students reaches it as attributes and cells of the page only.
 */
export const SCRIPT = `
const table = document.querySelector('table.class')
const body = table.tBodies[0]
const rows = [...body.rows]
const tell = document.getElementById('shown')
const fields = [...document.querySelectorAll('.tools [data-field]')]
const filter = () => {
  const [find, outcome, section] = ['find', 'outcome', 'section'].map((name) => fields.find((each) => each.dataset.field === name)?.value ?? '')
  let shown = 0
  for (const row of rows) {
    const isShown = row.dataset.text.includes(find.trim().toLowerCase()) &&
      (outcome === '' || row.dataset.outcomes.split(' ').includes(outcome)) &&
      (section === '' || row.dataset.section === section)
    row.hidden = !isShown
    if (isShown) shown++
  }
  tell.textContent = shown + ' of ' + rows.length + ' shown'
}
for (const field of fields) field.addEventListener('input', filter)
const heads = [...table.tHead.rows[0].cells]
heads.forEach((head, index) => {
  head.querySelector('button')?.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending' || (index > 0 && !head.hasAttribute('aria-sort'))
    for (const other of heads) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
    const key = (row) => row.cells[index].dataset.sort
    const isNumber = head.dataset.kind === 'number'
    const compare = (one, other) => isNumber ? Number(key(one)) - Number(key(other)) : key(one).localeCompare(key(other), 'en', { numeric: true })
    rows.sort((one, other) => down ? compare(other, one) : compare(one, other))
    body.append(...rows)
  })
})
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target?.tagName === 'DETAILS') { target.open = true; target.scrollIntoView(); target.querySelector('summary').focus() }
}
addEventListener('hashchange', open)
open()
addEventListener('beforeprint', () => { for (const each of document.querySelectorAll('details')) each.open = true })
`
