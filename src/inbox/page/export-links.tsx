/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ExportFormat } from '../export/export-events.ts'

const NAMES: Readonly<Record<ExportFormat, string>> = {
  curl: 'cURL',
  fetch: 'fetch (JavaScript)',
  har: 'HAR',
  json: 'JSON',
  openapi: 'OpenAPI',
}

/** What an event, or a list of them, can be downloaded as. */
export function ExportLinks({ url, formats }: { url: string; formats: readonly ExportFormat[] }) {
  return (
    <details class="export" id="export">
      <summary class="button small">Export</summary>
      <ul class="export-formats">
        {formats.map(format => (
          <li>
            <a href={`${url}${url.includes('?') ? '&' : '?'}as=${format}`} download="">
              {NAMES[format]}
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}
