/** How the page of source_html.ts looks: wide and narrow, light and dark, on paper. */

/** A scheme's colours, of text and of what it stands on; each is readable on each (WCAG 2.2 1.4.3: 4.5 to 1). */
export interface Scheme {
  text: Record<string, string>;
  ground: Record<string, string>;
}

export const LIGHT: Scheme = {
  text: {
    ink: '#1f2328', comment: '#59636e', string: '#0a3069', keyword: '#a31c3a', variable: '#8a3700', number: '#0550ae',
    name: '#6639ba', link: '#0550ae',
  },
  ground: { page: '#ffffff', none: '#f6f7f9', quote: '#f3f0fb', step: '#e9eef6' },
};
export const DARK: Scheme = {
  text: {
    ink: '#e6edf3', comment: '#9da7b3', string: '#a5d6ff', keyword: '#ff8f87', variable: '#ffb77c', number: '#79c0ff',
    name: '#d2a8ff', link: '#79c0ff',
  },
  ground: { page: '#0d1117', none: '#12171e', quote: '#1b1a2b', step: '#1c2634' },
};

const variables = ({ text, ground }: Scheme): string => {
  return Object.entries({ ...text, ...ground }).map(([name, value]) => `--${name}:${value}`).join(';');
};

export const STYLE = `
:root{color-scheme:light;--line:#8c959f;${variables(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--line:#57606a;${variables(DARK)}}}
*{box-sizing:border-box}
html{scroll-padding-top:5.5rem}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header,main{padding:0 1rem;max-width:110rem;margin:auto}
h1{font-size:1.4rem;margin:1rem 0 .25rem;overflow-wrap:anywhere}
header p{margin:0 0 1rem;max-width:48rem}
nav{position:sticky;top:0;z-index:1;background:var(--page);border-bottom:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;margin:auto;padding:.375rem 1rem;max-width:110rem}
nav a{display:block;min-width:2rem;padding:.125rem .5rem;text-align:center;border-radius:.25rem;background:var(--step);
  color:var(--link)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.names{display:grid;grid-template-columns:1fr 1fr;max-width:110rem;margin:auto;padding:0 1rem .25rem;font-weight:600}
.names span{padding:0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:1.5rem 0 .5rem;padding:.375rem .75rem;background:var(--step);border-radius:.25rem;
  overflow-wrap:anywhere}
h2:target{outline:2px solid var(--link)}
.step{font-weight:700;margin-right:.5rem}
summary{cursor:pointer;padding:.25rem .75rem;color:var(--link)}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);grid-template-rows:auto 1fr;grid-auto-flow:column}
.php,.ts{display:grid;grid-template-rows:subgrid;grid-row:1/3;padding:.1875rem .75rem}
.ts{border-left:1px solid var(--line)}
.above{align-self:end}
.none{background:var(--none)}
.quote{background:var(--quote);box-shadow:inset .25rem 0 var(--line)}
.note{margin:0;color:var(--comment);font-size:.85rem;font-style:italic}
.label{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
pre{margin:0;font:.8125rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;tab-size:2}
code{display:block;position:relative;min-height:1.5em;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;
  padding-left:calc((var(--indent) + 4)*1ch + 2.75rem);text-indent:calc((var(--indent) + 4)*-1ch)}
code::before{content:attr(data-line);position:absolute;left:0;width:2rem;text-align:right;text-indent:0;
  color:var(--comment);user-select:none}
.comment{color:var(--comment)}.string{color:var(--string)}.keyword{color:var(--keyword)}.variable{color:var(--variable)}
.number{color:var(--number)}.name{color:var(--name)}
@media (max-width:43.75rem){
  html{scroll-padding-top:6rem}
  header,main{padding:0 .5rem}
  .names{display:none}
  .pair{display:block;margin:0 0 .5rem;border:1px solid var(--line);border-radius:.25rem;overflow:hidden}
  .php,.ts{display:block;padding:.25rem .5rem}
  .ts{border-left:0}
  .php:not(.none) + .ts{border-top:1px dashed var(--line)}
  .none{display:none}
  .label{position:static;width:auto;height:auto;clip-path:none;color:var(--comment);font-size:.75rem}
  code{padding-left:calc((var(--indent) + 2)*1ch + 2rem);text-indent:calc((var(--indent) + 2)*-1ch)}
  code::before{width:1.625rem}
}
@media print{
  body{font-size:10pt}
  nav{position:static}
  nav ul{display:none}
  pre{font-size:7.5pt}
  .pair{break-inside:avoid}
  h2{break-after:avoid}
  details::details-content{content-visibility:visible;display:block}
}
`;
