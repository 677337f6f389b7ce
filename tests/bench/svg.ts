/** What both charts are made of. They carry their own background, so they can be read on a light and on a dark page. */
import type { Peer } from './rivals.ts';

const STYLE = `
    svg { --paper: #ffffff; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0;
      --ours: #0969da; --ws: #8250df; --php: #bc4c00; --limit: #59636e; --other: #818b98;
      font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; }
    @media (prefers-color-scheme: dark) { svg { --paper: #151b23; --ink: #f0f6fc; --dim: #9198a1; --line: #3d444d;
      --ours: #4493f8; --ws: #ab7df8; --php: #f0883e; --limit: #9198a1; --other: #656c76; } }
    text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
    .dim { fill: var(--dim); } .title { font-size: 17px; font-weight: 600; }
    .head { font-weight: 600; } .ours { font-weight: 600; }`;

/** A whole file. `title` and `desc` are what a screen reader says. */
export function document(width: number, height: number, title: string, desc: string, body: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" \
role="img" aria-labelledby="title desc">
  <title id="title">${escape(title)}</title>
  <desc id="desc">${escape(desc)}</desc>
  <style>${STYLE}
  </style>
  <rect width="${width}" height="${height}" rx="8" fill="var(--paper)"/>
  ${body.join('\n  ')}
</svg>
`;
}

type Anchor = 'start' | 'middle' | 'end';

/** A line of text, its base line at y. */
export function text(x: number, y: number, what: string, kind = '', anchor: Anchor = 'start'): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}" text-anchor="${anchor}">${escape(what)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, color = 'line', more = ''): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="var(--${color})" ${more}/>`;
}

/** The colour that a server has in both charts. */
export function colorOf({ kind }: Peer): string {
  return `var(--${kind})`;
}

/** Pixels, to a tenth. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** About as wide as a text is, in pixels: no font is known here. */
export function widthOf(what: string): number {
  return what.length * 7.4;
}

function escape(what: string): string {
  return what.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
