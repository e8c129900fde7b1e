/** What the list looks like: the strip of volume, the filters, the rows, the welcome. */
export const LIST = `
.live { display: inline-flex; align-items: center; gap: 7px; margin-right: 6px; color: var(--muted); font-size: 13px; }
.live-dot, .pulse { width: 8px; height: 8px; border-radius: 50%; background: var(--line-strong); }
.live[data-state="live"] { color: var(--success); }
.live[data-state="live"] .live-dot, .pulse { background: var(--success); }
.live[data-state="lost"] { color: var(--warning); }
.live[data-state="lost"] .live-dot { border-radius: 1px; background: var(--warning); }

.volume { margin-bottom: 14px; padding: 12px 16px 8px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); box-shadow: var(--shadow); }
.volume figcaption { display: flex; justify-content: space-between; gap: 12px; margin-bottom: 6px; color: var(--muted); font-size: 13px; }
.volume figcaption strong { color: var(--text); font-size: 15px; font-variant-numeric: tabular-nums; }
.volume-failed { white-space: nowrap; color: var(--failed); font-variant-numeric: tabular-nums; }
.volume-failed.none { color: var(--muted); }
.volume svg.chart { display: block; width: 100%; height: 64px; }
.volume-base { stroke: var(--line-strong); stroke-width: .5; vector-effect: non-scaling-stroke; }
.bar-passed { fill: var(--bar); }
.bar-warned { fill: var(--bar-warned); }
.bar-failed { fill: var(--failed-shape); }
.volume-axis { display: flex; justify-content: space-between; margin-top: 2px; color: var(--muted); font-size: 12px; }

.filters { display: flex; align-items: center; justify-content: space-between; flex-wrap: wrap; gap: 10px 16px; margin-bottom: 10px; }
.tabs { display: flex; flex-wrap: wrap; gap: 2px; padding: 3px; border: 1px solid var(--line); border-radius: 9px; background: var(--surface); }
.tab { display: inline-flex; align-items: center; gap: 7px; min-height: 28px; padding: 2px 11px; border-radius: 6px; color: var(--text); font-size: 13px; text-decoration: none; }
.tab:hover { background: var(--hover); }
.tab[aria-current] { background: var(--hover); box-shadow: inset 0 0 0 1px var(--line-strong); }
#filters { display: flex; align-items: center; flex-wrap: wrap; gap: 8px 12px; }
.search { position: relative; display: flex; align-items: center; flex: 1 1 260px; }
.search .icon { position: absolute; left: 10px; color: var(--muted); pointer-events: none; }
:root[data-scripted] .search::after { content: "/"; position: absolute; right: 9px; padding: 0 7px; border: 1px solid var(--line); border-radius: 5px; background: var(--sunken); color: var(--muted); font: 11.5px/18px var(--mono); pointer-events: none; }
.search input { width: 100%; min-width: 0; }
.search:has(input:focus, input:not(:placeholder-shown))::after { display: none; }
input[type="search"], input[type="url"], input[type="password"], input[type="text"], input[type="number"], select, textarea { min-height: 34px; padding: 5px 10px; border: 1px solid var(--line-strong); border-radius: 7px; background: var(--surface); }
.search input { padding-left: 32px; padding-right: 34px; width: 320px; }
::placeholder { color: var(--muted); opacity: 1; }
.pick { display: inline-flex; align-items: center; gap: 7px; font-size: 13px; }
.pick-name { color: var(--muted); }
.pick select { max-width: 190px; }
.clear-filters { font-size: 13px; }

.news { height: 0; text-align: center; position: sticky; top: 58px; z-index: 5; }
.pill { display: inline-flex; align-items: center; gap: 6px; padding: 5px 15px; border-radius: 999px; background: var(--accent-ground); color: var(--on-accent); font-size: 13px; font-weight: 550; text-decoration: none; box-shadow: 0 4px 14px #00000040; }

table.events { width: 100%; border-collapse: separate; border-spacing: 0; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); box-shadow: var(--shadow); table-layout: fixed; }
.events th { padding: 8px 12px; border-bottom: 1px solid var(--line); color: var(--muted); font-size: 12px; font-weight: 550; text-align: left; }
.events td { padding: var(--row) 12px; border-bottom: 1px solid var(--line); vertical-align: baseline; }
.events tbody tr:last-child td { border-bottom: 0; }
.row { position: relative; }
.row:hover { background: var(--hover); }
.row.failed td:first-child { box-shadow: inset 3px 0 var(--failed-shape); }
.row.warning td:first-child { box-shadow: inset 3px 0 var(--bar-warned); }
.row:has(.row-link:focus-visible) { background: var(--hover); outline: 2px solid var(--accent); outline-offset: -2px; }
.row .status.success { color: var(--muted); font-weight: 450; }
.row .status.success .icon { color: var(--success); }
.row-link { color: var(--text); text-decoration: none; }
.row-link:focus-visible { outline: none; }
.row-link::after { content: ""; position: absolute; inset: 0; }
.row-link:hover .endpoint { text-decoration: underline; }
.row-error { display: block; overflow: hidden; color: var(--failed); font-size: 12.5px; text-overflow: ellipsis; white-space: nowrap; }
.row.warning .row-error { color: var(--warning); }
.row.success .row-error, .row.pending .row-error { color: var(--muted); }
.cell-status { width: 112px; }
.cell-code { width: 66px; font-variant-numeric: tabular-nums; }
.cell-duration { width: 100px; font-variant-numeric: tabular-nums; }
.events .cell-duration, .events .cell-received { text-align: right; }
.cell-service { width: 160px; }
td.cell-service, td.cell-received, td.cell-duration { color: var(--muted); }
.cell-received { width: 112px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pager { display: flex; align-items: center; flex-wrap: wrap; gap: 16px; margin-top: 12px; }
.pager .button { margin-left: auto; }
.nothing-found { padding: 56px 16px; border: 1px dashed var(--line-strong); border-radius: 10px; text-align: center; }
.nothing-found p { margin-top: 6px; color: var(--muted); }

.welcome { max-width: 760px; margin: 24px auto; }
.waiting { display: inline-flex; align-items: center; gap: 9px; margin-bottom: 14px; color: var(--success); font-size: 13px; font-weight: 550; }
.welcome h2 { margin-bottom: 8px; font-size: 26px; letter-spacing: -.01em; }
.lead { max-width: 62ch; margin-bottom: 26px; color: var(--muted); font-size: 16px; }
.steps { counter-reset: step; display: grid; gap: 14px; }
.steps > li { position: relative; min-width: 0; padding: 14px 16px 16px 52px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); box-shadow: var(--shadow); }
.steps > li::before { counter-increment: step; content: counter(step); position: absolute; left: 16px; top: 15px; width: 24px; height: 24px; border-radius: 50%; background: var(--hover); color: var(--accent); font-weight: 650; font-size: 13px; line-height: 24px; text-align: center; }
.steps h3 { font-size: 14px; line-height: 1.5; }

@media (max-width: 900px) {
  .filters { align-items: stretch; flex-direction: column; }
  .search input { width: 100%; }
}
@media (max-width: 720px) {
  .tabs { align-self: flex-start; }
  .tab { padding: 2px 9px; }
  .pick { flex: 1 1 130px; }
  .pick select { flex: 1; min-width: 0; max-width: none; }
  .search { flex-basis: 100%; }
  :root .search::after { display: none; }
  .volume svg.chart { height: 48px; }
  table.events, .events tbody { display: block; }
  .events thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .row { display: grid; grid-template-columns: auto auto auto minmax(0, 1fr); gap: 1px 10px; align-items: baseline; padding: calc(var(--row) + 1px) 12px; border-bottom: 1px solid var(--line); }
  .row:last-child { border-bottom: 0; }
  .row.failed { box-shadow: inset 3px 0 var(--failed-shape); }
  .row.warning { box-shadow: inset 3px 0 var(--bar-warned); }
  .events td { width: auto; padding: 0; border: 0; box-shadow: none !important; }
  .events td.cell-event { grid-column: 1 / -1; grid-row: 1; }
  .events td.cell-service { display: none; }
  .events td.cell-duration { text-align: left; }
  .events td:empty { display: none; }
  .events td.cell-status, .events td.cell-code, .events td.cell-duration, .events td.cell-received { font-size: 12.5px; }
  .events td.cell-received { grid-column: -2; text-align: right; }
  .steps > li { padding: 14px; }
  .steps > li::before { position: static; display: block; margin-bottom: 6px; }
}
`
