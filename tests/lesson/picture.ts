/** README's picture of what WebSocket is for: the same three pieces of news by polling, long polling and WebSocket. */

type Language = 'en' | 'zh';

const WORDS = {
  en: {
    title: 'How three pieces of news reach a browser',
    description: 'Polling: eight requests, six of them for nothing, and each piece of news waits for the next request. ' +
      'Long polling: each request is left open until there is news; then a new one is made. ' +
      'WebSocket: one request; then frames go both ways at any time.',
    browser: 'browser', server: 'server',
    lanes: [
      ['Polling', ['8 requests, 8 responses,', '6 of them empty;', 'news waits for the next one']],
      ['Long polling', ['a request is left open', 'until there is news;', 'each piece takes a new one']],
      ['WebSocket', ['1 request, 1 response;', 'then frames, both ways,', 'whenever there is news']],
    ],
    legend: ['request, empty response', 'news', 'news that waits', 'what the browser says', 'left open'],
  },
  zh: {
    title: '三条新消息怎样到达浏览器',
    description: '轮询：八次请求，其中六次一无所获，新消息要等到下一次请求。长轮询：请求一直挂着，有了新消息才响应，然后再发新的请求。' +
      'WebSocket：一次请求之后，双方随时都可以发送帧。',
    browser: '浏览器', server: '服务器',
    lanes: [
      ['轮询', ['8 次请求、8 次响应，', '其中 6 次是空的；', '新消息要等下一次请求']],
      ['长轮询', ['请求一直挂着，', '有了新消息才响应；', '每条消息要一次新的请求']],
      ['WebSocket', ['1 次请求、1 次响应；', '之后是帧，双向，', '有消息就发']],
    ],
    legend: ['请求、空的响应', '新消息', '新消息在等待', '浏览器说的话', '一直开着'],
  },
} as const;

/** When the server has news, and when the browser has something to say; out of SPAN. */
const NEWS = [1.6, 5.45, 5.6], SAYS = 3.4, SPAN = 8;
/** What one way takes, and the time between two polls. */
const WAY = 0.15, PERIOD = 1, FIRST = 0.2;

const LEFT = 240, WIDTH = 900, LANE = 132, TOP = 62;
const x = (time: number): string => (LEFT + time / SPAN * (WIDTH - 24 - LEFT)).toFixed(1);

const STYLE = `
    .paper { fill: #fff; stroke: #d0d7de } .ink { fill: #1f2328 } .soft { fill: #59636e } text { font: 14px system-ui, sans-serif }
    .name { font-weight: 600; font-size: 16px } .line { stroke: #59636e; stroke-width: 1.5 } .open { fill: #0969da; opacity: .16 }
    .empty { stroke: #818b98; stroke-width: 1.5 } .news { stroke: #1a7f37; stroke-width: 2.5 } .dot { fill: #1a7f37 }
    .says { stroke: #8250df; stroke-width: 2.5 } .wait { stroke: #bc4c00; stroke-width: 4 } .white { fill: #fff; font-size: 11px; font-weight: 600 }
    .to-empty { fill: #818b98 } .to-news { fill: #1a7f37 } .to-says { fill: #8250df }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117; stroke: #3d444d } .ink { fill: #f0f6fc } .soft { fill: #9198a1 } .line { stroke: #9198a1 }
      .open { fill: #4493f8; opacity: .25 } .empty { stroke: #7d8590 } .news { stroke: #3fb950 } .dot { fill: #3fb950 }
      .says { stroke: #ab7df8 } .wait { stroke: #db6d28 } .white { fill: #0d1117 }
      .to-empty { fill: #7d8590 } .to-news { fill: #3fb950 } .to-says { fill: #ab7df8 }
    }
  `;

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
    this.parts.push(`<line class="${kind}" x1="${x(from)}" y1="${y1}" x2="${x(to)}" y2="${end}" marker-end="url(#${kind})"/>`);
    return to;
  }

  waits(from: number, to: number): void {
    this.parts.push(`<line class="wait" x1="${x(from)}" y1="${this.down}" x2="${x(to)}" y2="${this.down}"/>`);
  }

  /** A request is open, or the connection is. */
  open(from: number, to: number): void {
    this.parts.unshift(`<rect class="open" x="${x(from)}" y="${this.up}" width="${(Number(x(to)) - Number(x(from))).toFixed(1)}" height="72"/>`);
  }

  draw(name: string, texts: readonly string[], browser: string, server: string): string {
    const { up, down } = this;
    const label = (y: number, text: string): string => `<text class="soft" x="${LEFT - 10}" y="${y + 5}" text-anchor="end">${text}</text>`;
    const line = (y: number): string => `<line class="line" x1="${LEFT}" y1="${y}" x2="${WIDTH - 24}" y2="${y}"/>`;
    const dots = NEWS.map((time, i) => `<circle class="dot" cx="${x(time)}" cy="${down + 12 + (i === 2 ? 14 : 0)}" r="7"/>` +
      `<text class="white" x="${x(time)}" y="${down + 16 + (i === 2 ? 14 : 0)}" text-anchor="middle">${'ABC'[i]}</text>`);
    return [
      `<text class="ink name" x="20" y="${up + 6}">${name}</text>`,
      ...texts.map((text, i) => `<text class="soft" x="20" y="${up + 26 + i * 18}">${text}</text>`),
      label(up - 8, browser), label(down + 10, server), line(up), line(down), ...this.parts, ...dots,
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
  const { title, description, browser, server, lanes, legend } = WORDS[language];
  const height = TOP + 3 * LANE + 12;
  const arrow = (kind: string): string => `<marker id="${kind}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="9" markerHeight="9" ` +
    `markerUnits="userSpaceOnUse" orient="auto"><path class="to-${kind}" d="M0 0 8 4 0 8z"/></marker>`;
  const places = language === 'en' ? [20, 240, 345, 515, 720] : [20, 190, 310, 470, 630];
  const keys = ['empty', 'news', 'wait', 'says'].map((kind, i) => `<line class="${kind}" x1="${places[i]}" y1="27" x2="${places[i]! + 24}" y2="27"/>` +
    `<text class="soft" x="${places[i]! + 30}" y="32">${legend[i]}</text>`);
  keys.push(`<rect class="open" x="${places[4]}" y="19" width="24" height="16"/><text class="soft" x="${places[4]! + 30}" y="32">${legend[4]}</text>`);
  const drawn = [polling(), longPolling(), webSocket()].map((lane, i) => lane.draw(lanes[i]![0], lanes[i]![1], browser, server));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">
  <title id="t">${title}</title>
  <desc id="d">${description}</desc>
  <style>${STYLE}</style>
  <defs>${['empty', 'news', 'says'].map(arrow).join('')}</defs>
  <rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
  ${[...keys, ...drawn].join('\n  ')}
</svg>
`;
}
