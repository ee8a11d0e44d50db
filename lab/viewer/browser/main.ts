import type { Show } from '../shared/film.ts'
import { Viewer } from './viewer.ts'

// Within another page, which has said what this is about.
if (window.parent !== window) document.body.classList.add('framed')

// Each place for a viewer holds what it shows, as data.
for (const place of document.querySelectorAll<HTMLElement>('.viewer')) {
  const data = place.querySelector('script[type="application/json"]')?.textContent ?? ''
  new Viewer(place, JSON.parse(data) as Show)
}
