import { readFileSync } from 'node:fs'
import { withEntities } from '../text/html.ts'
import { visible } from '../text/visible.ts'
import { hashOf, scriptOf } from './script.ts'
import type { PackedShow, Show } from './shared/film.ts'

/** The viewer's parts, for whatever page it is in: all of them stand in the page itself. */
export interface ViewerParts {
  style: string
  script: string
  /** For a Content-Security-Policy: the script, and no other, runs; nothing is fetched. */
  policy: string
  /** The element that the viewer fills, with what it shows as data: text, never markup. */
  element: string
}

let own: Pick<ViewerParts, 'style' | 'script'> | undefined

/** What a page needs once, however many viewers are in it. */
export function viewerCode(): Pick<ViewerParts, 'style' | 'script'> {
  own ??= {
    style: readFileSync(new URL('./browser/viewer.css', import.meta.url), 'utf8'),
    script: scriptOf(new URL('./browser/main.ts', import.meta.url)),
  }
  return own
}

/** The place of a viewer. Within `<details>` it is filled when that is opened. */
export function viewerElement(show: Show | PackedShow): string {
  return `<div class="viewer"><script type="application/json">${json(show)}</script>
<noscript><p>This part of the page needs JavaScript. It loads nothing from the network.</p></noscript></div>`
}

/** @param styles other styles of the page, which the policy allows, too */
export function viewerParts(show: Show, ...styles: string[]): ViewerParts {
  const { style, script } = viewerCode()
  const allowed = [style, ...styles].map(hashOf).join(' ')
  return {
    style,
    script,
    policy: `default-src 'none'; script-src ${hashOf(script)}; style-src ${allowed}; base-uri 'none'; form-action 'none'`,
    element: viewerElement(show),
  }
}

/** What a page of recordings says above them. */
export interface Heading {
  title: string
  /** Lines of text. */
  lines: string[]
}

/** Recordings as one page that needs nothing else. */
export function viewerPage({ title, lines }: Heading, show: Show): string {
  const { style, script, policy, element } = viewerParts(show)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body class="viewer-page">
<main>
<h1>${escaped(title)}</h1>
${lines.map((line) => `<p>${escaped(line)}</p>`).join('\n')}
${element}
</main>
<script type="module">${script}</script>
</body>
</html>
`
}

/** JSON that no HTML parser can take for the end of its script, or for a comment. */
function json(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
}

function escaped(text: string): string {
  return withEntities(visible(text))
}
