import type { Node } from 'acorn'
import { exerciseFile, lineOf, type Own } from './own-file.ts'

const SHOWN = 3

/** Lines of the exercise, as evidence. */
interface Shown {
  line: number
  shown: string
}

/** What the exercise does as soon as it is imported, outside any function. */
export interface TopLevel {
  name: string
  awaits: Shown[]
  /** Loops that no await interrupts. */
  loops: Shown[]
  /** Calls of process.exit(). */
  exits: Shown[]
  /** Those in functions, which it may call. */
  otherExits: Shown[]
}

/** Reads it from the file, which says where to look: Node only says that the file is not loaded. */
export function topLevel(own: Own): TopLevel {
  const file = exerciseFile(own)
  const lines = (nodes: Node[]) => {
    const numbers = [...new Set(nodes.map(lineOf))].slice(0, SHOWN)
    return numbers.map((line) => ({ line, shown: file.shown(line) }))
  }
  const nodes = file.nodes(isRunAtOnce)
  const exits = nodes.filter(isExit)
  return {
    name: file.name,
    awaits: lines(nodes.filter(isAwait)),
    loops: lines(nodes.filter((node) => isLoop(node) && !/\bawait\b/.test(file.text.slice(node.start, node.end)))),
    exits: lines(exits),
    otherExits: lines(file.nodes().filter((node) => isExit(node) && !exits.includes(node))),
  }
}

/** What is in a function waits for its call. */
function isRunAtOnce({ type }: Node): boolean {
  return !/Function|^MethodDefinition$|^PropertyDefinition$/.test(type)
}

function isAwait(node: Node): boolean {
  return node.type === 'AwaitExpression' || (node as { await?: boolean }).await === true
}

function isLoop({ type }: Node): boolean {
  return /^(While|DoWhile|For)Statement$/.test(type)
}

function isExit(node: Node): boolean {
  const { callee } = node as { callee?: { object?: { name?: string }; property?: { name?: string } } }
  return callee?.object?.name === 'process' && callee.property?.name === 'exit'
}
