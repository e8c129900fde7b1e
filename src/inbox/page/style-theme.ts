/** Colours and type, once for both themes. Text has 4.5:1 on every ground it stands on; shapes have 3:1. */
export const THEME = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f6f8, #101114);
  --surface: light-dark(#ffffff, #17181c);
  --sunken: light-dark(#f3f4f7, #121317);
  --hover: light-dark(#f0f1fa, #1f2129);
  --line: light-dark(#e2e3e9, #2a2c34);
  --line-strong: light-dark(#8b8e9c, #6d7080);
  --text: light-dark(#1a1b21, #e9e9ee);
  --muted: light-dark(#5b5e6b, #a2a5b3);
  --accent: light-dark(#4450c4, #a5adff);
  --accent-ground: light-dark(#4450c4, #5660d8);
  --on-accent: #ffffff;
  --success: light-dark(#1b7443, #62cb92);
  --success-ground: light-dark(#e6f4ec, #14271d);
  --warning: light-dark(#8a5300, #e6b450);
  --warning-ground: light-dark(#fdf1dc, #2b2213);
  --failed: light-dark(#b9222b, #ff8d87);
  --failed-ground: light-dark(#fdecec, #301a1c);
  --failed-shape: light-dark(#d4323b, #ef5f5b);
  --pending: light-dark(#2061a8, #84bcf7);
  --pending-ground: light-dark(#e7f0fa, #15232f);
  --bar: light-dark(#7c86d8, #6f79d6);
  --bar-warned: light-dark(#c98a1b, #d9a542);
  --json-key: light-dark(#6a3fa0, #c8a6f5);
  --json-string: light-dark(#1b6a45, #86d3a8);
  --json-number: light-dark(#8f4a00, #ecb36a);
  --json-literal: light-dark(#1f5fae, #8dc0f8);
  --masked: light-dark(#5a3d8f, #cdb5f7);
  --masked-ground: light-dark(#eee8f9, #2a2140);
  --mark-ground: light-dark(#fff0b8, #45390f);
  --shadow: 0 1px 2px light-dark(#1a1b2112, #00000066);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --row: 9px;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
:root[data-density="compact"] { --row: 3px; }
`
