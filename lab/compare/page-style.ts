/** The page's own style: nothing is fetched, and light or dark is as the reader's system has it. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2128, #d6dde6);
  --quiet: light-dark(#5d6673, #93a0b0);
  --paper: light-dark(#ffffff, #14181d);
  --sheet: light-dark(#f5f7f9, #1c2229);
  --line: light-dark(#d5dbe1, #343d48);
  --left: light-dark(#ffebe9, #3b1d20);
  --left-word: light-dark(#ffb8b0, #7a2f33);
  --right: light-dark(#e4f7e8, #173322);
  --right-word: light-dark(#9fe3ae, #23693a);
  --keyword: light-dark(#7340d0, #c9a6ff);
  --string: light-dark(#0a6b34, #8fd6a0);
  --title: light-dark(#0550ae, #86bdff);
  --number: light-dark(#95520a, #f0b370);
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', 'Hiragino Sans', 'Yu Gothic',
    'Microsoft YaHei', 'PingFang SC', 'Malgun Gothic', 'Noto Sans CJK JP', 'WenQuanYi Zen Hei', 'Apple Color Emoji',
    'Segoe UI Emoji', 'Noto Color Emoji', 'Symbola', sans-serif }
nav { margin-bottom: 1rem }
h1 { font-size: 1.6rem; margin: 0 0 1rem }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem }
p, li, blockquote, dd { max-width: 46rem }
a { color: var(--title) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1rem }
dt { font-weight: 600 }
dd { margin: 0; overflow-wrap: anywhere }
.quiet { color: var(--quiet) }
code, pre, .code, .event, .number, .mark { font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK JP',
  'Apple Color Emoji', 'Segoe UI Emoji', 'Noto Color Emoji', monospace;
  font-size: .85rem }
p code, li code { overflow-wrap: anywhere }
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 6px }
.message { white-space: pre-wrap; padding: .6rem 1rem; border-left: 4px solid var(--left-word);
  background: var(--sheet) }
.scroll { overflow-x: auto }
.compared { width: 100%; min-width: 44rem; table-layout: fixed; border-collapse: collapse;
  border: 1px solid var(--line); background: var(--sheet) }
.compared th { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid var(--line) }
.compared td { padding: 0 .4rem; vertical-align: top; line-height: 1.5 }
.compared tr > :nth-child(4), .compared th + th { border-left: 1px solid var(--line) }
.compared col.number { width: 5.2rem }
.code-table col.number { width: 3rem }
.compared col.mark { width: 1.6rem }
.number { text-align: right; color: var(--quiet); user-select: none }
.mark { text-align: center; font-weight: 700; user-select: none }
.code, .event { white-space: pre-wrap; overflow-wrap: anywhere }
.left { background: var(--left) }
.right { background: var(--right) }
mark { color: inherit; border-radius: 2px; text-decoration: underline }
mark [class] { color: var(--ink) }
.left mark { background: var(--left-word) }
.right mark { background: var(--right-word) }
.none { background: repeating-linear-gradient(135deg, transparent 0 6px, var(--line) 6px 7px); opacity: .5 }
.folded td { padding: .15rem .6rem; color: var(--quiet); text-align: center; background: var(--paper) }
.hljs-keyword, .hljs-built_in { color: var(--keyword) }
.hljs-string, .hljs-regexp { color: var(--string) }
.hljs-title, .hljs-title.function_, .hljs-title.class_, .hljs-property { color: var(--title) }
.hljs-number, .hljs-literal { color: var(--number) }
.hljs-comment, .hljs-doctag { color: var(--quiet); font-style: italic }
/* On a phone one stands below the other: a row is a block, each side a line of it. */
@media (max-width: 48rem) {
  body { padding: .75rem }
  .compared { min-width: 0; display: block }
  .compared thead, .compared colgroup { display: none }
  .compared tbody, .compared tr { display: block }
  .compared tr { display: grid; grid-template-columns: 4.2rem 1.2rem minmax(0, 1fr); border-top: 1px solid var(--line) }
  .code-table tr { grid-template-columns: 2.6rem 1.2rem minmax(0, 1fr) }
  .compared td { padding: 0 .25rem }
  .compared tr > :nth-child(4) { border-left: 0 }
  .compared .folded { display: block }
  .compared .folded td { display: block }
  .compared td:empty { display: none }
  .compared td.mark:empty { display: block }
  /* What both have alike is told once. */
  .compared .same + .same + td.number, .compared td.same.code + td ~ td.same, .compared td.same.event + td ~ td.same,
  .compared td.same.code + td.number, .compared td.same.event + td.number { display: none }
}
@media print { body { max-width: none; padding: 0 } }
`
