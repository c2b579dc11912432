// The shapes of what the page reads as JSON and hands from script to script. Only the checker of types reads this file.

/** The elements that dom.js makes. */
declare namespace Dom {
  type Item = Node | string | number | null | undefined | false;
  type Child = Item | Item[];
  interface Given {
    class?: string | null;
    text?: string | number | null;
    data?: Record<string, string | number>;
    style?: Record<string, string>;
    onclick?: (event: MouseEvent & { currentTarget: HTMLElement }) => unknown;
    ondblclick?: (event: MouseEvent) => unknown;
    onchange?: (event: Event & { target: HTMLInputElement }) => unknown;
    onkeydown?: (event: KeyboardEvent) => unknown;
    onpointerdown?: (event: PointerEvent) => unknown;
    onsubmit?: (event: SubmitEvent) => unknown;
    oncancel?: (event: Event) => unknown;
    /** An attribute; null, undefined and false leave it out, true sets it empty. */
    [attribute: string]: unknown;
  }
}

type Language = "en" | "ko" | "zh-TW";
type Rgb = number[];
/** Row and column of a cell, from 0. */
type Place = [number, number];
/** Top, left, bottom, right of cells; the last two lie outside. */
type Edges = [number, number, number, number];

/** What the page knows; `slack`, `sheet` and `strip` are read before anything draws them. */
interface PageState {
  me: string;
  slack: Slack.Side;
  sheet: Sheet.Side;
  strip: Strip.Side;
  words: Record<Language, Completion> | null;
  wire: WireEntry[];
  place: string;
  thread: string;
}
type Read = "slack" | "sheet" | "strip" | "words" | "wire";
type Subject = Read | "me" | "place" | "thread" | "show-sheet";

interface Completion {
  kpis: { id: string; name: string; ready: boolean }[];
  periods: string[];
  dimensions: { id: string; name: string }[];
  /** A KPI that has a number, and the question for it. */
  first: { kpi: string; words: string } | null;
}
interface Suggestion {
  word: string;
  about: string;
  whole: string;
  /** Enter takes it, where it would otherwise send. */
  needed: boolean;
}

interface WireEntry {
  number: number;
  at: number;
  sender: string;
  receiver: string;
  what: string;
  ok: boolean;
  note: string;
  detail: unknown;
  answer: unknown;
}

declare namespace Strip {
  interface Side {
    company: string;
    is_demo: boolean;
    /** The newest day of any table. */
    data_through: string | null;
    locale: Language;
    timezone: string;
    now: string;
    growing: { done: number; total: number };
    moved_seconds: number;
    upcoming: { name: string; at: string }[];
    deliveries: Delivery[];
    troubles: Record<string, boolean>;
  }
  interface Delivery {
    key: string;
    schedule: string;
    channel: string;
    due: string;
    state: string;
    attempts: number;
    error: string;
  }
}

declare namespace Slack {
  interface Side {
    bot: string;
    connected: boolean;
    users: User[];
    channels: Channel[];
    messages: Message[];
    views: Record<string, View[]>;
    homes: Record<string, View>;
  }
  interface User {
    id: string;
    name: string;
    real_name: string;
    locale: string;
    is_bot: boolean;
    is_admin: boolean;
    groups: string[];
    tz: string;
  }
  interface Channel {
    id: string;
    name: string;
    kind: "channel" | "group" | "im";
    user: string;
    members: string[];
  }
  interface Message {
    ts: string;
    channel: string;
    user: string;
    to: string;
    thread_ts: string;
    text?: string;
    blocks?: Block[];
    edited?: unknown;
    files?: { name: string; title?: string }[];
    reactions?: { name: string; count: number }[];
  }
  interface View {
    id: string;
    hash: string;
    blocks: Block[];
    title: Text;
    close?: Text;
    submit?: Text;
  }
  interface Text {
    type?: string;
    text: string;
    emoji?: boolean;
  }

  /** What a press does: the element, the id of its block, what it stands for. `values` collects what inputs hold. */
  interface Act {
    (item: Element, block: string, value?: string): unknown;
    values?: Values;
    /** What a field that searches may stand for, while somebody types. */
    suggest?: (item: Element, text: string) => Promise<Option[]>;
  }
  /** By block and action, as Slack sends a view's state. */
  type Values = Record<string, Record<string, Value>>;
  interface Value {
    type?: string;
    selected_option?: Option | null;
    selected_options?: Option[];
    [part: string]: unknown;
  }

  /** Any block; what a kind must have stands in its own interface below. */
  interface Block {
    type: string;
    block_id?: string;
    elements?: Element[];
  }
  interface Header extends Block {
    text: Text;
  }
  interface Markdown extends Block {
    text: string;
  }
  interface Section extends Block {
    text?: Text;
    fields?: Text[];
    accessory?: Element;
  }
  interface Row extends Block {
    elements: Element[];
  }
  interface Picture {
    type: string;
    image_url?: string;
    alt_text?: string;
    title?: Text;
  }
  interface Input extends Block {
    label: Text;
    element: Element;
    hint?: Text;
    optional?: boolean;
    dispatch_action?: boolean;
  }
  interface Container extends Block {
    title?: Text;
    rich_text_title: Rich;
    subtitle?: Text;
    child_blocks: Block[];
    is_collapsible?: boolean;
    default_collapsed?: boolean;
  }

  interface Option {
    text: Text;
    value: string;
    description?: Text;
  }
  /** Any interactive element, picture or text of a block. */
  interface Element extends Picture {
    text: Text & string;
    action_id: string;
    value?: string;
    style?: string;
    url?: string;
    accessibility_label?: string;
    confirm?: { title?: Text; text?: Text };
    placeholder?: Text;
    options: Option[];
    option_groups?: { options: Option[] }[];
    initial_option?: Option;
    initial_options?: Option[];
    initial_user?: string;
    initial_channel?: string;
    initial_conversation?: string;
    multiline?: boolean;
    min_length?: number;
    max_length?: number;
    min_value?: string;
    max_value?: string;
    is_decimal_allowed?: boolean;
    [initial: string]: unknown;
  }

  interface Cell {
    type: string;
    text?: string;
    value?: number;
  }
  interface Table extends Block {
    rows: Cell[][];
    column_settings?: ({ align?: string } | null)[];
  }
  interface DataTable extends Block {
    rows: Cell[][];
    caption: string;
    page_size?: number;
    row_header_column_index?: number;
  }
  /** How a data table is looked at: its page, the column it is sorted by (-1: none), and whether downwards. */
  interface TableView {
    page: number;
    column: number;
    down: boolean;
  }

  interface Chart {
    type: "line" | "bar" | "area" | "pie";
    axis_config: { categories: string[]; y_label?: string };
    series: { name: string; data: { label: string; value: number }[] }[];
    segments: { label: string; value: number }[];
  }
  interface DataVisualization extends Block {
    title: string;
    chart: Chart;
  }

  interface Rich {
    elements?: RichPart[];
  }
  interface RichPart {
    type: string;
    style?: string;
    elements: (RichPiece & { elements: RichPiece[] })[];
  }
  interface RichPiece {
    type: string;
    text?: string;
    user_id: string;
    channel_id: string;
    name: string;
    url: string;
    style?: Record<string, boolean>;
  }
}

declare namespace Sheet {
  interface Side {
    title: string;
    url: string;
    undoable: boolean;
    tabs: Tab[];
  }
  interface Tab {
    id: number;
    title: string;
    /** Which tab of the bot's it is; empty for the team's own. */
    block: string;
    hidden: boolean;
    rows: number;
    columns: number;
    frozenRows: number;
    frozenColumns: number;
    hidesGrid: boolean;
    widths: Record<number, number>;
    heights: Record<number, number>;
    hiddenRows: number[];
    hiddenColumns: number[];
    cells: Cell[];
    looks: Look[];
    merges: Edges[];
    guarded: { area: Edges; open: Edges[]; words: string }[];
    charts: Chart[];
  }
  interface Cell {
    /** Row */
    r: number;
    /** Column */
    c: number;
    /** The text as people see it */
    t?: string;
    /** What an editor opens with, where that differs */
    e?: string;
    /** The kind of value */
    k?: "number" | "truth" | "error";
    /** The note */
    n?: string;
    /** The number of its look */
    s?: number;
    /** The values of a sparkline */
    line?: number[];
    /** Of a checkbox: whether it is ticked */
    b?: boolean;
    /** The choices of a drop-down */
    o?: string[];
  }
  interface Look {
    bold?: boolean;
    italic?: boolean;
    strikethrough?: boolean;
    underline?: boolean;
    size?: number;
    family?: string;
    ink?: Rgb;
    paper?: Rgb;
    align?: "left" | "center" | "right";
    rise?: string;
    wrap?: string;
  }

  interface Chart {
    id: number;
    at: {
      anchorCell: { rowIndex?: number; columnIndex?: number };
      widthPixels: number;
      heightPixels: number;
      offsetXPixels?: number;
      offsetYPixels?: number;
    };
    spec: Spec;
  }
  /** Google's ChartSpec, with the cells of each range read. */
  interface Spec {
    title?: string;
    altText?: string;
    scorecardChart?: { keyValueData: Data; baselineValueData?: Data; baselineValueFormat: Baseline };
    pieChart?: { domain: Data; series: Data };
    basicChart?: {
      chartType: string;
      headerCount?: number;
      domains: { domain: Data }[];
      series: { series: Data; colorStyle?: ColourStyle }[];
    };
  }
  interface Cells {
    texts: string[];
    values: (number | null)[];
  }
  interface Data extends Cells {
    sourceRange?: Cells;
  }
  interface Baseline {
    comparisonType?: string;
    description?: string;
    positiveColorStyle?: ColourStyle;
    negativeColorStyle?: ColourStyle;
  }
  interface ColourStyle {
    rgbColor?: Record<string, number>;
  }
}

/** What plot.js draws. */
declare namespace Plot {
  interface Series {
    name: string;
    values: (number | null)[];
    texts?: string[];
    colour?: string;
  }
  interface Slice {
    name: string;
    value: number;
  }
  interface Options {
    kind?: string;
    height?: number;
    language?: string;
    zero?: boolean;
  }
  interface Box {
    left: number;
    right: number;
    top: number;
    bottom: number;
  }
  type Scale = (value: number) => number;
  interface Drawing {
    x: Scale;
    y: Scale;
    colour: string;
    base: number;
  }
}
