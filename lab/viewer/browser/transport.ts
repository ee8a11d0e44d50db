import { choice, h, s } from './dom.ts'

/** Milliseconds for each step. */
const SPEEDS: [value: string, text: string][] = [
  ['800', 'slow'],
  ['300', 'normal'],
  ['60', 'fast'],
]

/** What is on the buttons: fonts lack some of these signs. */
const ICONS = {
  first: 'M3 2h2v12H3zM14 2v12L6 8z',
  previous: 'M12 2v12L4 8z',
  play: 'M4 2v12l9-6z',
  pause: 'M4 2h3v12H4zM9 2h3v12H9z',
  next: 'M4 2v12l8-6z',
  last: 'M2 2v12l8-6zM11 2h2v12h-2z',
}

/** How one moves through time: buttons, a slider, and playing. */
export class Transport {
  readonly element: HTMLElement
  readonly #slider: HTMLInputElement
  readonly #play: HTMLButtonElement
  readonly #move: (to: number) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #at = 0
  #count = 0
  #stepMs = 300

  /** @param move is told a step */
  constructor(move: (to: number) => void) {
    this.#move = move
    this.#slider = h('input', {
      type: 'range',
      min: 0,
      'aria-label': 'Step',
      oninput: () => {
        this.pause()
        move(Number(this.#slider.value))
      },
    })
    const button = (icon: keyof typeof ICONS, label: string, go: () => void) =>
      h('button', { type: 'button', 'aria-label': label, title: label, onclick: go }, iconOf(icon))
    this.#play = button('play', 'Play', () => this.toggle())
    const speed = choice('Speed', SPEEDS, (value) => {
      this.#stepMs = Number(value)
    })
    speed.select.value = '300'
    this.element = h(
      'div',
      { class: 'transport', role: 'group', 'aria-label': 'Time' },
      button('first', 'First step (Home)', () => this.to(0)),
      button('previous', 'Previous step (p)', () => this.by(-1)),
      this.#play,
      button('next', 'Next step (n)', () => this.by(1)),
      button('last', 'Last step (End)', () => this.to(this.#count - 1)),
      this.#slider,
      speed.field,
    )
  }

  /** Shows where it is. @param said what is there, in words */
  show(at: number, count: number, said: string): void {
    this.#at = at
    this.#count = count
    this.#slider.max = String(Math.max(0, count - 1))
    this.#slider.value = String(at)
    this.#slider.setAttribute('aria-valuetext', `step ${at + 1} of ${count}: ${said}`)
  }

  by(steps: number): void {
    this.to(this.#at + steps)
  }

  to(step: number): void {
    this.pause()
    this.#move(Math.max(0, Math.min(step, this.#count - 1)))
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined
  }

  toggle(): void {
    if (this.isPlaying) {
      this.pause()
      return
    }
    if (this.#at >= this.#count - 1) this.#move(0)
    this.#label(true)
    this.#timer = setTimeout(() => this.#tick(), this.#stepMs)
  }

  pause(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#label(false)
  }

  #tick(): void {
    if (this.#at >= this.#count - 1) {
      this.pause()
      return
    }
    this.#move(this.#at + 1)
    this.#timer = setTimeout(() => this.#tick(), this.#stepMs)
  }

  #label(isPlaying: boolean): void {
    const label = isPlaying ? 'Pause' : 'Play'
    this.#play.replaceChildren(iconOf(isPlaying ? 'pause' : 'play'))
    this.#play.setAttribute('aria-label', label)
    this.#play.title = label
  }
}

function iconOf(name: keyof typeof ICONS): SVGElement {
  return s('svg', { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true' }, s('path', { d: ICONS[name] }))
}
