/** The pages' own style: nothing is fetched, and light or dark is as the reader's system has it. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2128, #dbe2ea);
  --quiet: light-dark(#57606c, #a3afbd);
  --paper: light-dark(#ffffff, #14181d);
  --sheet: light-dark(#f4f6f8, #1c2229);
  --line: light-dark(#ccd3db, #3a4450);
  --link: light-dark(#0550ae, #8cc2ff);
  --good: light-dark(#dff3e4, #153322);
  --good-ink: light-dark(#0b4f26, #9be0b0);
  --bad: light-dark(#ffe4e1, #40191c);
  --bad-ink: light-dark(#86161d, #ffb3b3);
  --odd: light-dark(#fff1cc, #3d3010);
  --odd-ink: light-dark(#5c4300, #f2d27c);
  --heat: light-dark(#d9480f, #ff7a33);
  --keyword: light-dark(#7a3fd6, #cdb0ff);
  --string: light-dark(#0a5f2f, #8fd6a0);
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0 auto; padding: 1.25rem clamp(.9rem, 3vw, 2.5rem) 4rem; max-width: 120rem; background: var(--paper);
  color: var(--ink); font: clamp(16px, .55vw + 10px, 20px)/1.5 system-ui, sans-serif }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .3rem 0 .8rem }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem }
h4 { font-size: 1rem; margin: 1rem 0 .3rem }
h1, h2, h3, h4, p, li, a { overflow-wrap: anywhere }
p, li { max-width: 48rem }
p { margin: .4rem 0 }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: 0 0 1rem; list-style: none }
.quiet { color: var(--quiet) }
.notice { padding: .6rem 1rem; background: var(--odd); color: var(--odd-ink); border-radius: 6px }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.tools { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: end; margin: 0 0 .8rem }
.tools label { display: grid; gap: .15rem; font-size: .85rem }
.tools input, .tools select { font: inherit; padding: .35rem .5rem; color: inherit; background: var(--sheet);
  border: 1px solid var(--quiet); border-radius: 5px; max-width: 15rem }
.scroll { position: relative; overflow-x: auto }
table { border-collapse: collapse; font-size: .9rem; line-height: 1.35 }
th, td { padding: .3rem .55rem; border: 1px solid var(--line); text-align: left; vertical-align: top }
thead th { background: var(--sheet); vertical-align: bottom }
th button { all: unset; cursor: pointer; font-weight: 600 }
th button:focus-visible { outline: 3px solid var(--link) }
th[aria-sort=ascending] button::after { content: ' ▲' }
th[aria-sort=descending] button::after { content: ' ▼' }
tbody th { font-weight: 600; background: var(--paper) }
.class tbody th, .class thead th:first-child { position: sticky; left: 0; z-index: 1 }
.class thead th { font-size: .8rem; max-width: 7rem }
td.number, .class td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
:is(td, .badge).passed { background: var(--good); color: var(--good-ink) }
:is(td, .badge).failed { background: var(--bad); color: var(--bad-ink) }
:is(td, .badge):is(.not-judged, .error, .not-yet) { background: var(--odd); color: var(--odd-ink) }
:is(td, .badge).missing { color: var(--quiet) }
.dropped { text-decoration: line-through }
.heat td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.heat td a { color: inherit; overflow-wrap: normal }
.class td.text { text-align: left }
.class tbody th { min-width: 6.5rem }
.heat .says { text-align: left; min-width: 16rem; max-width: 30rem; font-weight: 400 }
.heat td[data-heat] { background: color-mix(in srgb, var(--heat) calc(10% + var(--share) * 40%), var(--paper)) }
.bar { display: inline-block; height: .65rem; min-width: 1px; background: var(--heat); vertical-align: baseline; margin-right: .4rem }
details { margin: .4rem 0; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 6px }
summary { cursor: pointer; overflow-wrap: anywhere }
.recorded > summary { font-weight: 600 }
.who { display: flex; flex-wrap: wrap; gap: .2rem .9rem; padding: 0; list-style: none }
.trace { width: 100%; max-width: 60rem; table-layout: fixed }
.trace th:first-child { width: 5.2rem }
.trace th:nth-child(2) { width: 5.6rem }
.trace td { overflow-wrap: anywhere }
.trace .wrong td { background: var(--bad); color: var(--bad-ink) }
code, pre { font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: .85rem }
pre { position: relative; margin: .4rem 0; padding: .6rem .8rem; overflow-x: auto; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 6px; line-height: 1.45 }
pre .line { display: block; min-width: max-content }
pre .line.marked { background: var(--bad); color: var(--bad-ink) }
pre .line.marked span { color: inherit }
pre .n { display: inline-block; width: 3.4ch; margin-right: 1.2ch; text-align: right; color: var(--quiet); user-select: none }
.message { white-space: pre-wrap; padding: .5rem .9rem; border-left: 4px solid var(--bad-ink); background: var(--sheet) }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 4px; font-size: .85rem; font-weight: 600 }
.hint { padding: .1rem .9rem; border-left: 4px solid var(--link); background: var(--sheet) }
.hljs-keyword, .hljs-built_in, .hljs-title { color: var(--keyword) }
.hljs-string, .hljs-regexp { color: var(--string) }
.hljs-comment { color: var(--quiet); font-style: italic }
@media (max-width: 40rem) { th, td { padding: .25rem .35rem } .heat .says { min-width: 10rem } .class tbody th { max-width: 8rem; overflow-wrap: anywhere } }
@media print {
  :root { color-scheme: light }
  body { max-width: none; padding: 0; font-size: 10pt }
  nav, .tools { display: none }
  .scroll { overflow: visible }
  .class tbody th, .class thead th:first-child { position: static }
  h2, h3, h4 { break-after: avoid }
  tr, .message { break-inside: avoid }
  pre { white-space: pre-wrap }
  pre .line { min-width: 0 }
  * { print-color-adjust: exact }
}
`
