/** What an event's page looks like: its head, error and frames, time line, bodies, replay. */
export const EVENT = `
.event-nav { display: flex; justify-content: space-between; gap: 12px; margin-bottom: 10px; font-size: 13px; }
.event-nav a { text-decoration: none; }
.event-nav a:hover { text-decoration: underline; }
.event-steps { display: inline-flex; gap: 16px; }
.event-head { padding-left: 14px; border-left: 4px solid var(--line-strong); }
.event-head.failed { border-color: var(--failed-shape); }
.event-head.warning { border-color: var(--bar-warned); }
.event-head.success { border-color: var(--success); }
.event-head.pending { border-color: var(--pending); }
.event-head h1 { font-size: 21px; font-weight: 600; line-height: 1.35; }
.event-head .method, .event-head .endpoint { font-size: 19px; }
.event-summary { display: flex; align-items: baseline; flex-wrap: wrap; gap: 2px 16px; margin-top: 4px; }
.event-url { margin-top: 2px; color: var(--muted); font: 12.5px/1.5 var(--mono); }
.event-url a { color: var(--muted); }
.ingest-warnings { margin: 14px 0 0; padding: 10px 14px; border-radius: 6px; background: var(--warning-ground); }
.ingest-warnings h2 { margin: 0; font-size: 15px; color: var(--warning); }
.ingest-warnings ul { margin: 4px 0; padding-left: 20px; }
.ingest-warnings p { margin: 0; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 14px 0 18px; align-items: center; }
.event-layout { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 0 16px; align-items: start; }

.error-panel { border-color: light-dark(#eec5c6, #5a2d2f); }
.error + .error { margin-top: 16px; padding-top: 14px; border-top: 1px solid var(--line); }
.error-name { color: var(--failed); font-size: 17px; }
.cause .error-name { font-size: 15px; }
.cause-path { color: var(--muted); font-size: 13px; font-weight: 450; }
.error-message { margin-top: 2px; font-size: 15px; white-space: pre-wrap; }
.frames { margin-top: 10px; font-family: var(--mono); font-size: 12.5px; }
.frames .frames { margin: 4px 0 4px 14px; }
.frame, .frame-run { padding: 3px 0 3px 10px; border-left: 2px solid var(--line); }
.frame.own { border-left-color: var(--failed-shape); }
.frame-run { color: var(--muted); }
.frame-run > details > summary { font-family: var(--sans); }
.frames summary { margin-top: 0; }
.frame-function { font-weight: 650; }
.frame:not(.own) .frame-function { font-weight: 500; }
.frame-place { color: var(--muted); }
.frame.own .frame-place { color: var(--text); }
.frame-bundled { color: var(--muted); font-family: var(--sans); font-size: 12px; }
pre.source { padding: 6px 0; }
pre.source > * { display: block; padding: 0 12px; width: max-content; min-width: 100%; }
.line-number { color: var(--muted); user-select: none; }
mark.failing { background: var(--failed-ground); color: inherit; box-shadow: inset 3px 0 var(--failed-shape); }
mark.failing .line-number { color: var(--failed); }

.time-line { margin-top: 8px; }
.moment { display: grid; grid-template-columns: 74px 90px 92px minmax(0, 1fr); gap: 0 12px; align-items: baseline; padding: 4px 0; border-top: 1px solid var(--line); }
.moment:first-child { border-top: 0; }
.moment-offset { color: var(--muted); font: 12px/1.5 var(--mono); text-align: right; white-space: nowrap; }
.track { align-self: center; width: 100%; height: 10px; }
.track-line { fill: var(--line); }
.track-mark { fill: var(--line-strong); }
.moment.start .track-mark, .moment.end .track-mark { fill: var(--accent); }
.moment.level-warning .track-mark { fill: var(--bar-warned); }
.moment.level-error .track-mark { fill: var(--failed-shape); }
.moment-kind { color: var(--muted); font-size: 12px; }
.moment.start .moment-kind, .moment.end .moment-kind { color: var(--accent); font-weight: 600; }
.moment.start .moment-text, .moment.end .moment-text { font-weight: 550; }
.moment.level-warning .moment-kind, .level-warning .level { color: var(--warning); }
.moment.level-error .moment-kind, .level-error .level, .moment.error .moment-text { color: var(--failed); }

.values { width: 100%; margin-top: 6px; border-collapse: collapse; table-layout: fixed; }
.values th { width: 230px; padding: 3px 14px 3px 0; color: var(--muted); font: 500 12.5px/1.5 var(--mono); text-align: left; vertical-align: top; }
.values td { padding: 3px 0; font: 12.5px/1.5 var(--mono); vertical-align: top; white-space: pre-wrap; }
.values tr + tr > * { border-top: 1px solid var(--line); }
.facts { margin-top: 6px; font-size: 13px; }
.facts > div { display: grid; grid-template-columns: 88px minmax(0, 1fr); gap: 10px; padding: 3px 0; }
.facts dt { color: var(--muted); }
.trace { margin-top: 6px; }
.trace a { display: flex; align-items: baseline; gap: 4px 10px; padding: 4px 6px; margin: 0 -6px; border-radius: 6px; color: var(--text); font-size: 13px; text-decoration: none; }
.trace a:hover, .trace a[aria-current] { background: var(--hover); }
.trace .status { align-self: center; font-size: 0; gap: 0; }
.trace-name { flex: 1; min-width: 0; }

.field { display: block; margin-top: 10px; }
.field > span:first-child, .field > label { display: block; margin-bottom: 3px; font-weight: 550; font-size: 13px; }
.field input, .field textarea { display: block; width: 100%; max-width: 560px; font-family: var(--mono); font-size: 13px; }
.hint { display: block; margin-top: 3px; font-size: 12.5px; }
.secret { -webkit-text-security: disc; }
.secret:focus { -webkit-text-security: none; }
.needs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); gap: 0 16px; }
fieldset { min-width: 0; margin: 14px 0 0; padding: 4px 14px 12px; border: 1px solid var(--line); border-radius: 8px; }
legend { padding: 0 6px; font-weight: 550; font-size: 13px; }
.replay-form > .button { margin-top: 14px; }
.notes { margin-top: 10px; color: var(--muted); font-size: 13px; }
.notes li::before { content: "· "; }
.verdict { margin-top: 14px; padding: 9px 12px; border-radius: 7px; font-weight: 550; }
.verdict.same { background: var(--success-ground); color: var(--success); }
.verdict.different { background: var(--warning-ground); color: var(--warning); }
.verdict.refused { background: var(--failed-ground); color: var(--failed); }
.answers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; margin-top: 12px; }
.answers h3 { font-size: 13px; }
.answers .values th { width: 40%; }
.differences { width: 100%; margin-top: 12px; border-collapse: collapse; table-layout: fixed; }
.differences caption { padding-bottom: 4px; font-weight: 600; font-size: 13px; text-align: left; }
.differences th, .differences td { padding: 4px 10px 4px 0; border-top: 1px solid var(--line); font: 12.5px/1.5 var(--mono); text-align: left; vertical-align: top; white-space: pre-wrap; }
.differences thead th { border: 0; color: var(--muted); font: 500 12px/1.5 var(--sans); }
.differences del { background: var(--failed-ground); color: var(--failed); text-decoration: none; }
.differences ins { background: var(--success-ground); color: var(--success); text-decoration: none; }

@media (max-width: 980px) {
  .event-layout { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 720px) {
  .moment { grid-template-columns: 66px minmax(0, 1fr); }
  .track { display: none; }
  .moment-text { grid-column: 2; }
  .answers { grid-template-columns: minmax(0, 1fr); }
  .panel { padding: 12px; }
  .event-head h1, .event-head .method, .event-head .endpoint { font-size: 17px; }
  .values, .values tbody, .values tr, .values th, .values td { display: block; width: auto; }
  .values td { padding-bottom: 5px; border-top: 0 !important; }
}
`
