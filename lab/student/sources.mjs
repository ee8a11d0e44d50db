// What a student's process loads first, in plain JavaScript: taking the types out of a first TypeScript file would cost
// 55 ms. The lab has done that already for every file that a check is known to load, and hands them over in a few files.
// Built-in modules are not imported here, nor in what comes next: importing node:fs loads all that it can ever give,
// fs/promises and readline among it.
const { readFileSync } = process.getBuiltinModule('node:fs')
const { registerHooks } = process.getBuiltinModule('node:module')

const bundles = JSON.parse(process.env.CLUSTER_UP_BUNDLES ?? '{"sources":[]}')
delete process.env.CLUSTER_UP_BUNDLES

const [own = {}, ...others] = bundles.sources.map((path) => JSON.parse(readFileSync(path, 'utf8')))
export const sources = Object.assign({}, own, ...others)
export const { amqplib } = bundles

registerHooks({
  // The lab's own files need not be looked for. Of the student's Node says what is wrong with a package.json.
  resolve(specifier, context, next) {
    const url = /^(\.|file:)/.test(specifier) ? URL.parse(specifier, context.parentURL)?.href : undefined
    return own[url] === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true }
  },
  load(url, context, next) {
    const source = sources[url]
    return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true }
  },
})
