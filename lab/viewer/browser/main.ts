import type { Show } from '../shared/film.ts'
import { Viewer } from './viewer.ts'

// Each place for a viewer holds what it shows, as data.
for (const place of document.querySelectorAll<HTMLElement>('.viewer')) {
  const data = place.querySelector('script[type="application/json"]')?.textContent ?? ''
  new Viewer(place, JSON.parse(data) as Show)
}
