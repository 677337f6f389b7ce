/** README's picture of what WebSocket is for: the same news by polling, by long polling and by WebSocket. */

type Language = 'en' | 'zh';

const WORDS = {
  en: {
    title: 'How three pieces of news reach a browser',
    description: 'Polling: eight requests, six of them for nothing, and news waits for the next request. ' +
      'Long polling: each request is left open until there is news; then a new one is made. ' +
      'WebSocket: one request; then frames go both ways at any time.',
    browser: 'browser', server: 'server',
    lanes: [
      ['Polling', ['8 requests, 8 responses,', '6 of them empty;', 'news waits for the next one']],
      ['Long polling', ['a request is left open', 'until there is news;', 'each piece takes a new one']],
      ['WebSocket', ['1 request, 1 response;', 'then frames, both ways,', 'whenever there is news']],
    ],
    legend: ['request, empty response', 'news', 'news that waits', 'what the browser says', 'left open'],
    places: [20, 240, 345, 515, 720],
  },
  zh: {
    title: '三条新消息怎样到达浏览器',
    description: '轮询：八次请求，其中六次一无所获，新消息要等到下一次请求。' +
      '长轮询：请求一直挂着，有了新消息才响应，然后再发新的请求。' +
      'WebSocket：一次请求之后，双方随时都可以发送帧。',
    browser: '浏览器', server: '服务器',
    lanes: [
      ['轮询', ['8 次请求、8 次响应，', '其中 6 次是空的；', '新消息要等下一次请求']],
      ['长轮询', ['请求一直挂着，', '有了新消息才响应；', '每条消息要一次新的请求']],
      ['WebSocket', ['1 次请求、1 次响应；', '之后是帧，双向，', '有消息就发']],
    ],
    legend: ['请求、空的响应', '新消息', '新消息在等待', '浏览器说的话', '一直开着'],
    places: [20, 190, 310, 470, 630],
  },
} as const;

/** When the server has news, and when the browser has something to say; out of SPAN. */
const NEWS = [1.6, 5.45, 5.6], SAYS = 3.4, SPAN = 8;
/** What one way takes, and the time between two polls. */
const WAY = 0.15, PERIOD = 1, FIRST = 0.2;

const LEFT = 240, WIDTH = 900, LANE = 132, TOP = 62;
const x = (time: number): string => (LEFT + time / SPAN * (WIDTH - 24 - LEFT)).toFixed(1);

/** A class of the drawing: what it paints, its colour on white and on black, its width or opacity. */
const COLOURS: [name: string, light: string, dark: string, more: string][] = [
  ['empty', '#818b98', '#7d8590', 'stroke-width: 1.5'],
  ['news', '#1a7f37', '#3fb950', 'stroke-width: 2.5'],
  ['says', '#8250df', '#ab7df8', 'stroke-width: 2.5'],
  ['wait', '#bc4c00', '#db6d28', 'stroke-width: 4'],
  ['line', '#59636e', '#9198a1', 'stroke-width: 1.5'],
];
const FILLS: [name: string, light: string, dark: string, more: string][] = [
  ['paper', '#fff', '#0d1117', 'stroke: #818b98'],
  ['ink', '#1f2328', '#f0f6fc', 'font-weight: 600; font-size: 16px'],
  ['soft', '#59636e', '#9198a1', ''],
  ['open', '#0969da', '#4493f8', 'opacity: .2'],
  ['dot', '#1a7f37', '#3fb950', ''],
  ['letter', '#fff', '#0d1117', 'font-size: 11px; font-weight: 600; text-anchor: middle'],
  ['to-empty', '#818b98', '#7d8590', ''],
  ['to-news', '#1a7f37', '#3fb950', ''],
  ['to-says', '#8250df', '#ab7df8', ''],
];
const rules = (colour: 1 | 2): string => [
  ...COLOURS.map((one) => `.${one[0]} { stroke: ${one[colour]}; ${one[3]} }`),
  ...FILLS.map((one) => `.${one[0]} { fill: ${one[colour]}; ${one[3]} }`),
].join('\n    ');
const STYLE = `
    text { font: 14px system-ui, sans-serif }
    ${rules(1)}
    @media (prefers-color-scheme: dark) {
    ${rules(2)}
    }
  `;

function line(kind: string, x1: string | number, y1: number, x2: string | number, y2: number, more = ''): string {
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"${more}/>`;
}

function text(kind: string, left: string | number, y: number, words: string, more = ''): string {
  return `<text class="${kind}" x="${left}" y="${y}"${more}>${words}</text>`;
}

function box(kind: string, left: string | number, y: number, width: string | number, height: number): string {
  return `<rect class="${kind}" x="${left}" y="${y}" width="${width}" height="${height}"/>`;
}

/** One lane: its two lines, and what goes between them. */
class Lane {
  private readonly parts: string[] = [];
  private readonly up: number;
  private readonly down: number;

  constructor(index: number) {
    this.up = TOP + index * LANE + 26;
    this.down = this.up + 72;
  }

  /** From the browser at `time`; returns when it is there. */
  toServer(time: number, kind = 'empty'): number {
    return this.arrow(kind, time, this.up, time + WAY, this.down);
  }

  toBrowser(time: number, kind = 'empty'): number {
    return this.arrow(kind, time, this.down, time + WAY, this.up);
  }

  private arrow(kind: string, from: number, y1: number, to: number, y2: number): number {
    const end = y2 + (y2 > y1 ? -3 : 3);
    this.parts.push(line(kind, x(from), y1, x(to), end, ` marker-end="url(#${kind})"`));
    return to;
  }

  waits(from: number, to: number): void {
    this.parts.push(line('wait', x(from), this.down, x(to), this.down));
  }

  /** A request is open, or the connection is. */
  open(from: number, to: number): void {
    const width = (Number(x(to)) - Number(x(from))).toFixed(1);
    this.parts.unshift(box('open', x(from), this.up, width, this.down - this.up));
  }

  draw(name: string, texts: readonly string[], browser: string, server: string): string {
    const { up, down } = this;
    const marks = NEWS.flatMap((time, i) => {
      // B and C are too near to stand in one row
      const y = down + 12 + (i === 2 ? 14 : 0);
      return [`<circle class="dot" cx="${x(time)}" cy="${y}" r="7"/>`, text('letter', x(time), y + 4, 'ABC'[i]!)];
    });
    return [
      text('ink', 20, up + 6, name), ...texts.map((words, i) => text('soft', 20, up + 26 + i * 18, words)),
      text('soft', LEFT - 10, up - 3, browser, ' text-anchor="end"'),
      text('soft', LEFT - 10, down + 15, server, ' text-anchor="end"'),
      line('line', LEFT, up, WIDTH - 24, up), line('line', LEFT, down, WIDTH - 24, down), ...this.parts, ...marks,
    ].join('\n  ');
  }
}

function polling(): Lane {
  const lane = new Lane(0);
  for (let i = 0; i < SPAN; i++) {
    const asked = lane.toServer(FIRST + i * PERIOD);
    const news = NEWS.filter((time) => time < asked && time >= asked - PERIOD);
    for (const time of news) lane.waits(time, asked);
    lane.toBrowser(asked, news.length > 0 ? 'news' : 'empty');
  }
  return lane;
}

function longPolling(): Lane {
  const lane = new Lane(1);
  let asks = FIRST;
  for (const time of [...NEWS, SPAN]) {
    const asked = lane.toServer(asks), told = Math.max(time, asked);
    lane.open(asked, told);
    if (told > time) lane.waits(time, told);
    if (time < SPAN) asks = lane.toBrowser(told, 'news');
  }
  return lane;
}

function webSocket(): Lane {
  const lane = new Lane(2);
  lane.open(lane.toBrowser(lane.toServer(FIRST)), SPAN);
  for (const time of NEWS) lane.toBrowser(time, 'news');
  lane.toServer(SAYS, 'says');
  return lane;
}

/** The picture as SVG; it paints its own ground, so that it is readable on a page of any colour. */
export function picture(language: Language): string {
  const { title, description, browser, server, lanes, legend, places } = WORDS[language];
  const height = TOP + 3 * LANE + 12;
  const arrows = ['empty', 'news', 'says'].map((kind) => {
    const size = 'refX="6" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"';
    return `<marker id="${kind}" viewBox="0 0 8 8" ${size}><path class="to-${kind}" d="M0 0 8 4 0 8z"/></marker>`;
  });
  const keys = ['empty', 'news', 'wait', 'says', 'open'].flatMap((kind, i) => {
    const at = places[i]!;
    const sample = kind === 'open' ? box(kind, at, 19, 24, 16) : line(kind, at, 27, at + 24, 27);
    return [sample, text('soft', at + 30, 32, legend[i]!)];
  });
  const drawn = [polling(), longPolling(), webSocket()].map((lane, i) => {
    const [name, texts] = lanes[i]!;
    return lane.draw(name, texts, browser, server);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"
    role="img" aria-labelledby="t d">
  <title id="t">${title}</title>
  <desc id="d">${description}</desc>
  <style>${STYLE}</style>
  <defs>${arrows.join('')}</defs>
  <rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
  ${[...keys, ...drawn].join('\n  ')}
</svg>
`;
}
