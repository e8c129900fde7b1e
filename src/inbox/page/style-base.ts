/** What every page looks like: the ground, the top bar, buttons, panels, dialogs, code. */
export const BASE = `
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 64px; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.5 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3, p, dl, dd, ol, ul, figure, pre { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h2 { font-size: 15px; font-weight: 650; }
h3 { font-size: 13px; font-weight: 600; }
a { color: var(--accent); text-underline-offset: 2px; }
button, input, select, textarea { font: inherit; color: inherit; }
code, kbd, pre, .mono { font-family: var(--mono); font-size: 12.5px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
[hidden] { display: none !important; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.muted, .nothing, .hint { color: var(--muted); }
.icon { flex: none; }
:root:not([data-scripted]) .scripted { display: none; }
:root[data-scripted] .unscripted { display: none; }

.skip { position: absolute; left: 12px; top: -60px; z-index: 20; padding: 8px 14px; border-radius: 6px; background: var(--accent-ground); color: var(--on-accent); }
.skip:focus { top: 8px; }
.top { position: sticky; top: 0; z-index: 10; display: flex; align-items: center; justify-content: space-between; gap: 12px; min-height: 48px; padding: 6px 20px; border-bottom: 1px solid var(--line); background: var(--surface); }
.brand { display: inline-flex; align-items: center; gap: 9px; color: var(--text); font-weight: 650; text-decoration: none; white-space: nowrap; }
.brand .mark { color: var(--accent); }
.brand-part { color: var(--muted); font-weight: 450; }
.top-actions { display: flex; align-items: center; gap: 4px; }
main { max-width: 1360px; margin: 0 auto; padding: 18px 20px 64px; }

.button { display: inline-flex; align-items: center; justify-content: center; gap: 7px; min-height: 32px; padding: 4px 12px; border: 1px solid var(--line-strong); border-radius: 7px; background: var(--surface); color: var(--text); font-size: 13px; font-weight: 500; line-height: 1.3; text-decoration: none; cursor: pointer; }
.button:hover { background: var(--hover); }
.button.small { min-height: 28px; padding: 3px 10px; border-color: var(--line); }
.button.quiet { border-color: transparent; background: none; color: var(--muted); }
.button.quiet:hover { background: var(--hover); color: var(--text); }
.button.quiet[aria-pressed="true"] { color: var(--accent); background: var(--hover); }
.button.primary { border-color: transparent; background: var(--accent-ground); color: var(--on-accent); }
.button.primary:hover { filter: brightness(1.1); }
.button.danger { color: var(--failed); }
.button:disabled { opacity: .6; cursor: progress; }
kbd { padding: 1px 6px; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; background: var(--sunken); color: var(--muted); font-size: 11.5px; }

.status { display: inline-flex; align-items: baseline; gap: 6px; font-weight: 550; white-space: nowrap; }
.status .icon { align-self: center; }
.status.success { color: var(--success); }
.status.warning { color: var(--warning); }
.status.failed { color: var(--failed); }
.status.pending { color: var(--pending); }
.count { color: var(--muted); font-variant-numeric: tabular-nums; font-weight: 450; }
.method { font: 600 12px/1.4 var(--mono); }
.endpoint { font-family: var(--mono); font-size: 13px; }
.type { display: inline-block; padding: 0 6px; border: 1px solid var(--line-strong); border-radius: 4px; color: var(--muted); font-size: 11px; line-height: 16px; }
.chip { display: inline-block; padding: 0 7px; border-radius: 4px; font-size: 12px; font-weight: 600; }
.chip.cut { background: var(--warning-ground); color: var(--warning); }
.chip.absent { border: 1px dashed var(--line-strong); color: var(--muted); }
.masked { padding: 0 4px; border-radius: 4px; background: repeating-linear-gradient(135deg, transparent 0 4px, light-dark(#5a3d8f14, #cdb5f718) 4px 8px) var(--masked-ground); color: var(--masked); font: 600 .88em/1.4 var(--mono); letter-spacing: .03em; }
.omitted { color: var(--muted); font-style: italic; font-family: var(--sans); }

.panel { margin-bottom: 14px; padding: 14px 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); box-shadow: var(--shadow); }
.panel-head { display: flex; align-items: center; justify-content: space-between; gap: 10px; min-height: 28px; }
.panel-head .button { flex: none; }
.panel-note { color: var(--muted); font-size: 13px; font-weight: 450; }
summary { cursor: pointer; }
summary h2, summary h3 { display: inline; }
details > summary { margin-top: 8px; }
.panel > details:first-child > summary { margin-top: 0; }

pre.code { margin-top: 8px; padding: 10px 12px; max-height: 460px; overflow: auto; border: 1px solid var(--line); border-radius: 7px; background: var(--sunken); line-height: 1.55; white-space: pre; tab-size: 2; overflow-wrap: normal; }
pre.wrapped { white-space: pre-wrap; overflow-wrap: anywhere; }
pre.torn { border-bottom-style: dashed; border-bottom-color: var(--line-strong); border-bottom-left-radius: 0; border-bottom-right-radius: 0; }
.code-inline { color: var(--muted); }
.json-key { color: var(--json-key); }
.json-string { color: var(--json-string); }
.json-number { color: var(--json-number); }
.json-literal { color: var(--json-literal); }
.show-all { margin-top: 6px; color: var(--muted); font-size: 13px; }
.marker { margin-top: 6px; }

dialog { width: min(440px, calc(100vw - 32px)); padding: 18px 20px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); color: var(--text); box-shadow: 0 12px 40px #00000055; }
dialog::backdrop { background: #00000066; }
dialog h2 { margin-bottom: 10px; }
.dialog-actions { display: flex; justify-content: flex-end; gap: 8px; margin-top: 16px; }
.shortcuts > div { display: flex; justify-content: space-between; flex-direction: row-reverse; gap: 12px; padding: 3px 0; }
.check { display: flex; align-items: center; gap: 8px; margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); }
.message { padding: 48px 0; }
.message h1 { margin-bottom: 8px; font-size: 22px; }
.message p { margin-bottom: 16px; max-width: 60ch; }

@media (max-width: 720px) {
  main { padding: 12px 12px 48px; }
  .top { padding: 6px 12px; }
  .brand-part, #theme-name, [data-opens="shortcuts"] { display: none; }
  .button.quiet { padding: 4px 8px; }
}
@media (prefers-reduced-motion: no-preference) {
  .row.arrived { animation: arrive 1.8s ease-out; }
  .live[data-state="live"] .live-dot, .pulse { animation: pulse 2.4s ease-in-out infinite; }
  html { scroll-behavior: smooth; }
}
@keyframes arrive { from { background: var(--mark-ground); } }
@keyframes pulse { 50% { opacity: .35; } }
`
