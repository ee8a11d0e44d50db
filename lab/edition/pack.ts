/** What an editor needs of a stand-in: its types, which the packed code does not have. */
const TYPES =
  /^(?:export )?(?:interface \w[^{]*\{[\s\S]*?^\}|type (?:\{[^}]*\} from .*|\w[\s\S]*?(?=\n(?:\n|export|import|function|const|\/\*\*))))/gm
const TYPE_IMPORTS = /^import (?:type )?\{[^}]*\} from '[^']+'$/gm

/**
 * A solution as a stand-in: it works, and is nothing to read. Comments and names are gone, but for what it exports and the
 * types of that.
 */
export async function packed(source: string): Promise<string> {
  const { transform } = await import('@swc/core')
  const { code } = await transform(source, {
    jsc: {
      parser: { syntax: 'typescript' },
      target: 'es2024',
      minify: { compress: { passes: 2 }, mangle: { toplevel: true }, format: { comments: false } },
    },
    module: { type: 'es6' },
    minify: true,
    isModule: true,
    swcrc: false,
    configFile: false,
  })
  const types = [...typeImports(source), ...(source.match(TYPES) ?? []).map(withoutComments)]
  return `// @ts-nocheck\n// Stands in for this lesson until you have written it. The code is packed, so write your own.\n${types.join('\n')}\n${code.trim()}\n`
}

/** Its imports of types alone; those of values are in the packed code. */
function typeImports(source: string): string[] {
  return (source.match(TYPE_IMPORTS) ?? []).flatMap((statement) => {
    const [, whole, names = '', from = ''] = /^import (type )?\{([^}]*)\} from '([^']+)'$/.exec(statement) ?? []
    const each = names.split(',').map((name) => name.trim())
    const types = whole ? each : each.filter((name) => name.startsWith('type '))
    const bare = types.map((name) => name.replace(/^type /, '')).filter(Boolean)
    return bare.length === 0 ? [] : [`import type { ${bare.join(', ')} } from '${from}'`]
  })
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s*\/\/.*$/gm, '')
    .replace(/\n\s*\n/g, '\n')
}
