import { readFileSync } from 'node:fs'
import swc from '@swc/core/Visitor.js'

// The rules are the table 'Which folder knows what' of docs/architecture.md, line by line: they stand nowhere else.
const document = readFileSync(new URL('docs/architecture.md', import.meta.url), 'utf8')
const table = [...document.matchAll(/^\| `(lab\/\w+|checks)` \|.*\| ([^|]+) \|$/gm)]
const folders = table.map(([, folder]) => `^${folder}/`)
const FOR_ALL = '^lab/[^/]+[.]ts$'

const rules = table.map(([, folder, mayImport]) => {
  const others = mayImport === 'nothing' ? [] : mayImport.split(', ').map((name) => `^lab/${name}/`)
  return {
    name: folder,
    comment: `${folder} may import: ${mayImport} (docs/architecture.md says why).`,
    severity: 'error',
    from: { path: `^${folder}/` },
    to: {
      dependencyTypes: ['local'],
      pathNot: [FOR_ALL, `^${folder}/`, ...(mayImport === 'all' ? ['^lab/'] : others)],
    },
  }
})

// dependency-cruiser reads with swc, as TypeScript 7 has no API yet; swc's visitor knows no `using`.
const { visitStatement } = swc.Visitor.prototype
swc.Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  return { ...statement, decls: this.visitVariableDeclarators(statement.decls) }
}

export default {
  forbidden: [
    ...rules,
    {
      name: 'row-missing',
      comment: "A new folder needs a row in docs/architecture.md, 'Which folder knows what'.",
      severity: 'error',
      from: { path: '^(lab/[^/]+/)', pathNot: folders },
      to: { dependencyTypes: ['local'], pathNot: [FOR_ALL, '^$1'] },
    },
    {
      name: 'for-all',
      comment: 'What belongs to all folders imports none of them.',
      severity: 'error',
      from: { path: FOR_ALL },
      to: { path: '^lab/.+/' },
    },
    {
      name: 'menu-without-web',
      comment: 'The menu opens at once, so nothing that it can load is a page of the lab in a browser.',
      severity: 'error',
      from: { path: '^lab/(commands/lab[.]ts$|menu/)' },
      to: { path: '^(lab/web/|node_modules/@?hono/)', reachable: true },
    },
    {
      name: 'no-circular',
      comment: 'Move what both files need, often a type, to a third one that imports neither.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    { name: 'not-found', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: '^node_modules/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import'] },
  },
}
