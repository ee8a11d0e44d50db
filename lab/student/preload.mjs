// Runs first in a student's process, in plain JavaScript: taking the types out of a first TypeScript file would cost
// 55 ms. The lab has done that already for every file that a check is known to load, and hands them over in a few files.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const paths = JSON.parse(process.env.CLUSTER_UP_BUNDLES ?? '[]')
delete process.env.CLUSTER_UP_BUNDLES
/** @type {Record<string, string>} JavaScript by file: URL. What is not in here is loaded as Node does it. */
const bundle = Object.assign({}, ...paths.map((path) => JSON.parse(readFileSync(path, 'utf8'))))
registerHooks({
  load(url, context, next) {
    const source = bundle[url]
    return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true }
  },
})
globalThis[Symbol.for('cluster-up.bundle')] = bundle
// A process that the exercise has started is none of the lab's: its line is to its parent.
if (paths.length > 0) await import('./preload.ts')
