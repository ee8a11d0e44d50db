import { createHash } from 'node:crypto'
import { escaped } from '../../text/html.ts'
import { STYLE } from './style.ts'

/** Text in an attribute: in one line, and nothing of it ends the attribute. */
export function attribute(text: string): string {
  return escaped(text).replaceAll('\n', ' ')
}

/** What a page has beside its text. */
interface Code {
  script: string
  style?: string
}

/** A page that needs nothing else. Whatever got into it, the browser fetches nothing, and runs no script but this one. */
export function documentOf(title: string, body: string, { script, style = '' }: Partial<Code> = {}): string {
  const allowed =
    script === undefined ? '' : `; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'${allowed}">
<title>${escaped(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
${body}
${script === undefined ? '' : `<script type="module">${script}</script>\n`}</body>
</html>
`
}

/** A table that is too wide for a phone scrolls by itself, by keyboard too. */
export function scrolled(label: string, table: string): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${attribute(label)}">${table}</div>`
}
