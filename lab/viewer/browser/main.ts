import type { PackedShow, Show } from '../shared/film.ts'
import { isPacked, unpacked } from './unpack.ts'
import { Viewer } from './viewer.ts'

// Within another page, which has said what this is about.
if (window.parent !== window) document.body.classList.add('framed')

// Each place for a viewer holds what it shows, as data. What is folded away is filled when somebody opens it.
for (const place of document.querySelectorAll<HTMLElement>('.viewer')) {
  const show = JSON.parse(place.querySelector('script[type="application/json"]')?.textContent ?? '') as
    | Show
    | PackedShow
  const fill = () => {
    if (isPacked(show)) void unpacked(show).then((each) => new Viewer(place, each))
    else new Viewer(place, show)
  }
  const fold = place.closest('details:not([open])')
  if (fold) fold.addEventListener('toggle', fill, { once: true })
  else fill()
}
