import { MAP_COLUMNS, MAP_ROWS, MILESTONES, PIECES } from '../lessons/map.ts'
import { escaped } from '../text/html.ts'

/** A cell of the grid, in the units of the picture. */
const WIDTH = 9
const HEIGHT = 18

/** From the middle of its cell, a line to these sides: left, right, up, down. */
const LINES: Record<string, string> = { '─': 'lr', '│': 'ud', '┌': 'rd', '┐': 'ld', '└': 'ru', '┘': 'lu', '├': 'udr' }
const SIDES: Record<string, [number, number]> = { l: [-0.5, 0], r: [0.5, 0], u: [0, -0.5], d: [0, 0.5] }
const ARROWS: Record<string, [number, number][]> = {
  '▶': [
    [-0.5, -0.25],
    [0.5, 0],
    [-0.5, 0.25],
  ],
  '◀': [
    [0.5, -0.25],
    [-0.5, 0],
    [0.5, 0.25],
  ],
  '▲': [
    [-0.5, 0.25],
    [0, -0.25],
    [0.5, 0.25],
  ],
}

interface Cell {
  character: string
  isHere: boolean
}

/** Where the student is: the numbers of the lessons that have passed, and of the one to go on with. */
export interface Place {
  passed: ReadonlySet<number>
  /** Undefined when all have passed. */
  here: number | undefined
}

/** The sentence below the picture. */
export function placeText({ passed, here }: Place): string {
  if (here === undefined) return `The whole cluster is up: ${passed.size} of ${passed.size} lessons passed.`
  const adds = MILESTONES.find(({ lesson }) => lesson === here)?.adds
  return `You are here: lesson ${here}${adds === undefined ? '' : ` adds ${adds}`}.`
}

/** The picture that grows with each lesson; what the lesson at hand adds is marked. @param label what a screen reader says */
export function mapSvg({ passed, here }: Place, label: string): string {
  const grid = Array.from({ length: MAP_ROWS }, () => new Array<Cell | undefined>(MAP_COLUMNS))
  for (const { lesson, row, column, text } of PIECES) {
    const isHere = lesson === here
    if (lesson !== 0 && !isHere && !passed.has(lesson)) continue
    for (const [i, character] of [...text].entries()) {
      const cells = grid[row]
      if (cells) cells[column + i] = { character, isHere }
    }
  }
  const drawn = grid.map((cells, row) => rowSvg(cells, row)).join('')
  const size = `0 0 ${MAP_COLUMNS * WIDTH} ${MAP_ROWS * HEIGHT}`
  return `<svg class="map" viewBox="${size}" role="img" aria-label="${escaped(label)}">${drawn}</svg>`
}

function rowSvg(cells: (Cell | undefined)[], row: number): string {
  let out = ''
  let word = ''
  const put = (end: number, isHere: boolean) => {
    const start = end - word.length
    const text = word.trim()
    const x = (start + word.indexOf(text)) * WIDTH
    const place = `x="${x}" y="${(row + 0.72) * HEIGHT}" textLength="${text.length * WIDTH}"`
    if (text !== '') out += `<text ${place}${classOf(isHere)} lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`
    word = ''
  }
  for (let column = 0; column <= MAP_COLUMNS; column++) {
    const cell = cells[column]
    const before = cells[column - 1]
    const isDrawn = cell !== undefined && (LINES[cell.character] ?? ARROWS[cell.character]) !== undefined
    if (cell === undefined || isDrawn || before?.isHere !== cell.isHere) put(column, before?.isHere === true)
    if (isDrawn) out += shapeSvg(cell, row, column)
    else if (cell !== undefined) word += cell.character
  }
  return out
}

function shapeSvg({ character, isHere }: Cell, row: number, column: number): string {
  const point = ([x, y]: [number, number]) => `${(column + 0.5 + x) * WIDTH} ${(row + 0.5 + y) * HEIGHT}`
  const arrow = ARROWS[character]
  if (arrow) return `<polygon points="${arrow.map(point).join(' ')}"${classOf(isHere)}/>`
  const lines = [...(LINES[character] ?? '')].map((side) => `M${point([0, 0])}L${point(SIDES[side] ?? [0, 0])}`)
  return `<path d="${lines.join('')}"${classOf(isHere)}/>`
}

function classOf(isHere: boolean): string {
  return isHere ? ' class="here"' : ''
}
