import { STYLE } from '../compare/page-style.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { element, escaped } from '../text/html.ts'
import { hashOf } from '../viewer/script.ts'

/** What the lab's pages have beside the style of compare's page. */
const OWN = `
:root { --passed: light-dark(#116329, #6fdd8b); --failed: light-dark(#b01c26, #ff9a93) }
.lesson { display: grid; gap: 1.5rem }
.lesson > * { min-width: 0 }
.seen { width: 100%; height: 88vh; border: 1px solid var(--line); border-radius: 6px; background: var(--paper) }
.jump { margin: 0 0 1rem }
.lessons { list-style: none; padding: 0 }
.lessons li { margin-bottom: .4rem }
.text { overflow-wrap: anywhere }
.text table { display: block; overflow-x: auto; border-collapse: collapse }
.text td, .text th { padding: .2rem .6rem; border: 1px solid var(--line); text-align: left }
button { font: inherit; color: inherit; min-height: 2.2rem; padding: .2rem .8rem; border: 1px solid var(--line);
  border-radius: 6px; background: var(--sheet); cursor: pointer }
:focus-visible { outline: 3px solid var(--title); outline-offset: 1px }
.quiz fieldset { border: 0; padding: 0; margin: 0 0 .6rem; min-width: 0 }
.beside > :first-child, .quiz > :first-child { margin-top: 0 }
.quiz label { display: flex; gap: .6rem; align-items: baseline; padding: .4rem 0; max-width: 46rem }
.quiz legend { max-width: 46rem; padding: 0 }
.map { display: block; width: 100%; max-width: 46rem; margin: 0 0 1rem }
.map text { font: 14px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--ink) }
.map path { stroke: var(--quiet); fill: none }
.map polygon { fill: var(--quiet) }
.map .here { fill: var(--number); font-weight: 700 }
.map path.here { stroke: var(--number); fill: none }
input:not([type=radio]) { font: inherit; color: inherit; flex: 1 1 12rem; max-width: 30rem; min-width: 0; min-height: 2.2rem;
  padding: .2rem .6rem; border: 1px solid var(--quiet); border-radius: 6px; background: var(--paper) }
.happened { list-style: none; margin: 0; padding: .6rem; height: 55vh; overflow-y: auto; border: 1px solid var(--line);
  border-radius: 6px; background: var(--sheet) }
.happened li { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .6rem; max-width: none }
.happened span { color: var(--quiet) }
.happened code { white-space: pre-wrap; overflow-wrap: anywhere }
.happened .service code { font-weight: 700 }
.happened .lab code { color: var(--title) }
#said { min-height: 1.6em }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)) }
[hidden] { display: none !important }
.cards li { display: grid; padding: .6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--sheet) }
button:disabled { opacity: .6; cursor: default }
.cards button { margin-top: .4rem; justify-self: start }
.cards code { overflow-wrap: anywhere; min-height: 1.5em }
.nodes code { display: none }
@media (max-width: 40rem) { .happened li { grid-template-columns: minmax(0, 1fr); gap: 0; margin-bottom: .3rem } }
.sequence { display: block; margin: 0 0 1rem }
.sequence text { font: 12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK JP', monospace; fill: var(--ink) }
.sequence .middle { text-anchor: middle }
.sequence path { stroke: var(--quiet); fill: none }
.sequence .life { stroke: var(--line) }
.sequence .arrow { stroke: var(--ink) }
.sequence .dashed { stroke-dasharray: 5 4 }
.sequence polygon { fill: var(--ink) }
.sequence .lost { stroke: var(--number); stroke-width: 2 }
.sequence rect { fill: var(--sheet); stroke: var(--quiet) }
.sequence .note { stroke: var(--number) }
.sequence .frame { fill: none; stroke: var(--quiet); stroke-dasharray: 2 3 }
.sequence .frame-name { fill: var(--quiet) }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: .75rem }
.row p, .row form:not(.row) { margin: 0 }
@media (min-width: 72rem) { .lesson { grid-template-columns: minmax(0, 46rem) minmax(0, 1fr) }
  .beside { position: sticky; top: 1rem; align-self: start; display: flex; flex-direction: column; height: calc(100vh - 2rem);
    overflow-y: auto; padding: 0 .3rem }
  .beside > * { flex: none }
  .beside > p { margin: 0 0 .75rem }
  .beside h2:not(:first-child) { margin-top: 1.5rem }
  .jump { display: none }
  .beside .seen { flex: 1 0 30rem } }
.quiz summary { cursor: pointer }
body:not(:has(.lesson, .happened, .compared)) { max-width: 52rem }
.verdict { font-weight: 600 }
.verdict.passed { color: var(--passed) }
.verdict.failed { color: var(--failed) }
`
const ALL = STYLE + OWN

/** What a browser may do with a page of the lab: show it, run the lab's own script, and ask the lab. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src ${hashOf(ALL)}`,
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What a browser may do with a page of a site that only shows: nothing but that. */
const SITE_POLICY = `default-src 'none'; style-src ${hashOf(ALL)}; frame-src 'self'; form-action 'none'; base-uri 'none'`

/** A page. @param body HTML */
export function pageOf(title: string, body: string, script = ''): string {
  return html({ title, body, home: '/', script })
}

/** The page of all lessons. */
export function homePageOf(title: string, body: string): string {
  return html({ title, body, home: undefined })
}

/** The way back from a page that is not the lab's own. */
export function backTo({ name }: Lesson): string {
  return `<nav aria-label="The lab"><a href="/lessons/${name}">Back to the lesson</a></nav>\n`
}

/** A page that says one thing. */
export function noticePage(title: string, sentence: string, lesson?: Lesson): string {
  const back = lesson === undefined ? '' : `<p><a href="/lessons/${lesson.name}">Back to the lesson</a></p>`
  return pageOf(title, `${element('h1', escaped(title))}${element('p', escaped(sentence))}${back}`)
}

/** A page of a site without a server. @param home where the list of all lessons is, unless this is it */
export function sitePageOf(title: string, body: string, home?: string): string {
  return html({ title, body, home, policy: SITE_POLICY })
}

interface Page {
  title: string
  body: string
  /** Where the list of all lessons is; undefined on that itself. */
  home: string | undefined
  script?: string
  policy?: string
}

function html({ title, body, home, script = '', policy }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${policy === undefined ? '' : `<meta http-equiv="Content-Security-Policy" content="${policy}">`}
${element('title', escaped(title))}
<style>${ALL}</style>
</head>
<body>
${home === undefined ? '' : `<nav aria-label="The lab"><a href="${home}">All lessons</a></nav>`}
<main>
${body}
</main>
${script === '' ? '' : `<script type="module" src="${script}"></script>`}
</body>
</html>
`
}
